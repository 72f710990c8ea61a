"""The ratio of a split, as exactly as the source lets us know it."""

from __future__ import annotations

import re
from decimal import Decimal

from journal.domain.values import ONE, ZERO

Ratio = tuple[Decimal, Decimal]

_FOR = re.compile(r"\b(\d+(?:\.\d+)?)\s+(?:FOR|:)\s+(\d+(?:\.\d+)?)\b", re.IGNORECASE)


def split_ratio(
    text: str, *, stated: Decimal | None, held: Decimal, change: Decimal, adds: bool = False
) -> Ratio | None:
    """(new, old) units. The text first ("1 FOR 3" has no exact quotient), then the quantities, then a stated quotient.

    `held` before and the `change` of quantity are the broker's; `held` is 0 where it is not known. With `adds`
    (a stock dividend) the text and the quotient count the units added.
    """
    ratio = _from_text(text)
    if ratio is not None:
        new, old = ratio
        return (new + old, old) if adds else ratio
    if held and (held + change) * held > ZERO:
        return held + change, held
    if stated is not None and stated > ZERO:
        return (stated + ONE if adds else stated), ONE
    return None


def _from_text(text: str) -> Ratio | None:
    found = _FOR.search(text)
    if found is None:
        return None
    new, old = Decimal(found[1]), Decimal(found[2])
    return (new, old) if new > ZERO and old > ZERO else None
