"""Derived findings: one function per derivation id, each a pure reading of what is already known."""
