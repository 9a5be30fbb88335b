"""SINS: spinal instability neoplastic score as an interval of totals."""

from service.instruments.sins.score import SINS

__all__ = ["SINS"]
