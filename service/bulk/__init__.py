"""Whole exports: the pure function over files."""
