"""A person's word on a spin-off: which share of the old shares' cost goes to the new ones."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction

from common.errors import Rejected
from journal.models import Correction, CorrectionKind, DataIssue, Execution
from journal.services.corrections import rebook_action, replace_correction
from journal.services.locks import lock_book
from journal.services.reasons import check_reason

_PLACES_MAX = 12
UNKNOWN = "spin_off_allocation_unknown"


@transaction.atomic
def state_cost_share(
    execution: Execution, *, percent: object, reason: str, author_id: int | None
) -> Correction:
    """`execution` is the entry that the spin-off made; `percent` of the cost, from 0 to 100. Withdrawn like any
    correction. Raises Rejected with `fields`, and where the book holds nothing that a cost could come from.
    """
    reason, share = check_reason(reason), _share(percent)
    lock_book(execution.account_id)
    known, correction = replace_correction(
        execution,
        kind=CorrectionKind.COST_SHARE,
        changes={"cost_share": share},
        reason=reason,
        author_id=author_id,
    )
    if known != correction:
        rebook_action(correction)
        _require_effect(correction)
        correction.refresh_from_db()
    return correction


def _share(percent: object) -> str:
    try:
        share = Decimal(str(percent).strip().removesuffix("%").strip())
    except ArithmeticError:
        share = Decimal("NaN")
    exponent = share.as_tuple().exponent
    if not share.is_finite() or not 0 <= share <= 100:
        words = "The share is a number of percent from 0 to 100, such as 20 or 14.35."
    elif isinstance(exponent, int) and -exponent > _PLACES_MAX:
        words = f"The share has at most {_PLACES_MAX} digits after its point."
    else:
        return format(share, "f")
    raise Rejected("cost_share", words, {"percent": [words]})


def _require_effect(correction: Correction) -> None:
    unchanged = DataIssue.objects.filter(
        account_id=correction.account_id,
        code=UNKNOWN,
        execution__fill_key=correction.fill_key,
        batch=None,
    )
    if unchanged.exists():
        raise Rejected(
            "cost_share_without_position",
            "The book does not hold the old shares at the time of the spin-off, so there is no cost to share. Import "
            "the statement of the time before, then state the share again.",
        )
