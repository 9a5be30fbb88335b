"""Origin: relative support for five primary cancers of a spinal metastasis."""

from service.instruments.origin.rank import ORIGIN

__all__ = ["ORIGIN"]
