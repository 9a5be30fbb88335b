"""What a caller asks for beside the report that it posts."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Wishes of one direct post, from its address or from Parameters; None = not stated.

    Attributes:
        prior: the caller's prior probability for IESL, 0-1.
        store: False = a dry run; not stated = True.
        write_back: True = also deliver to the hospital's EHR; not stated = False.
    """

    prior: Decimal | None = None
    store: bool | None = None
    write_back: bool | None = None
