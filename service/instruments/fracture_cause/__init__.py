"""Fracture cause: osteoporotic against metastatic vertebral fracture as an unweighted tally of eleven concepts."""

from service.instruments.fracture_cause.cause import FRACTURE_CAUSE

__all__ = ["FRACTURE_CAUSE"]
