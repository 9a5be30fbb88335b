"""IESL: indolent enhancing spinal lesion against spinal metastasis in a treated malignant brain tumour."""

from service.instruments.iesl.comparison import IESL
from service.instruments.iesl.criteria import REASONS_AGAINST

__all__ = ["IESL", "REASONS_AGAINST"]
