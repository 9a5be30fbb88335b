"""Frozen types that travel between the stages; this package imports nothing of ours."""
