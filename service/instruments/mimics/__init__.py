"""Mimics: what may look like a metastasis, each with the signs for and against it."""

from service.instruments.mimics.outcome import MIMICS

__all__ = ["MIMICS"]
