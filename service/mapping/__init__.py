"""Coded items to findings: what the codes mean in our vocabulary."""
