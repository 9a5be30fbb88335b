"""ESCC: epidural spinal cord compression as the set of grades that are still possible."""

from service.instruments.escc.grade import ESCC, is_wholly_below_conus

__all__ = ["ESCC", "is_wholly_below_conus"]
