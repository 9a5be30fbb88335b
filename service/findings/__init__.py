"""Findings to a case: lesions, conflicts and derived findings."""
