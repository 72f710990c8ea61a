"""A person's word against what was reported: a fill booked with other figures, or left out. The evidence stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from common.errors import Rejected
from journal.brokers.base import HAND_AUTHORITY
from journal.domain.values import Side
from journal.models import (
    BrokerAccount,
    Correction,
    CorrectionKind,
    Execution,
    ExecutionReport,
)
from journal.selectors.corrections import actions_of, find_correction
from journal.selectors.joined_fills import keys_of, list_sums
from journal.services.booking.rebook import rebook_account
from journal.services.joined_fills import settle_instruments
from journal.services.locks import lock_book
from journal.services.reasons import check_reason

NUMBERS = ("price", "quantity", "fee", "tax")
CORRECTABLE = (*NUMBERS, "side", "executed_at")
# No fill of this world has more digits before or after its point.
_DIGITS_MAX = 24


@transaction.atomic
def correct_fill(
    execution: Execution,
    *,
    kind: str,
    changes: Mapping[str, object],
    reason: str,
    author_id: int | None,
) -> Correction:
    """Book the fill differently from now on. An earlier correction of it is withdrawn.

    `changes` are against the report, not against an earlier correction. Raises Rejected with `fields`.
    """
    reason = check_reason(reason)
    checked = _check(kind, changes)
    if execution.report_id is None:
        raise Rejected(
            "correction_of_booking",
            "This line follows from a corporate action: nobody reported it as a fill.",
        )
    lock_book(execution.account_id)
    report = ExecutionReport.objects.get(pk=execution.report_id)
    known, correction = replace_correction(
        execution, kind=kind, changes=checked, reason=reason, author_id=author_id,
        fill_key=_spoken_of(execution, report),
    )  # fmt: skip
    if known != correction:
        _rebook(report, [known, correction])
        correction.refresh_from_db()
    return correction


def replace_correction(
    execution: Execution,
    *,
    kind: str,
    changes: dict[str, str],
    reason: str,
    author_id: int | None,
    fill_key: str = "",
) -> tuple[Correction | None, Correction]:
    """The correction that held and the one that holds now; the same one where it says the same."""
    known = find_correction(execution.account_id, execution.fill_key)
    if known is not None:
        if (known.kind, known.changes, known.reason) == (kind, changes, reason):
            return known, known
        _end(known)
    made = Correction.objects.create(
        workspace_id=execution.workspace_id,
        account_id=execution.account_id,
        fill_key=fill_key or execution.fill_key,
        trade_id=None,
        kind=kind,
        changes=changes,
        reason=reason,
        author_id=author_id,
    )
    return known, made


@transaction.atomic
def withdraw_correction(correction: Correction) -> None:
    """The fill is booked as it was reported again. Withdrawing twice changes nothing."""
    lock_book(correction.account_id)
    correction.refresh_from_db()
    if correction.withdrawn_at is not None:
        return
    _end(correction)
    if correction.kind == CorrectionKind.COST_SHARE:
        rebook_action(correction)
        return
    report = (
        ExecutionReport.objects.filter(
            account_id=correction.account_id,
            fill_key__in=list(keys_of(correction.account_id, [correction.fill_key])),
        )
        .order_by("executed_at")
        .first()
    )
    if report is not None:
        _rebook(report, [correction])


def _spoken_of(execution: Execution, report: ExecutionReport) -> str:
    """The key that the correction is kept under: what is said of an entry by hand is not said of the fill that it may
    be a sum with once the statement comes, nor the other way round."""
    is_entry = report.authority == HAND_AUTHORITY
    if is_entry or list_sums(
        execution.account_id, keys_of(execution.account_id, [execution.fill_key])
    ):
        return report.fill_key
    return execution.fill_key


def rebook_action(correction: Correction) -> None:
    """The instruments of the corporate action that the correction is about, from the beginning."""
    actions = actions_of([correction]).values()
    account = BrokerAccount.objects.get(pk=correction.account_id)
    rebook_account(account, touched=dict.fromkeys(action.instrument_id for action in actions))


def _end(correction: Correction) -> None:
    correction.withdrawn_at = timezone.now()
    correction.save(update_fields=["withdrawn_at"])


def _rebook(report: ExecutionReport, corrections: list[Correction | None]) -> None:
    """From the earliest moment at which the fill is or was booked; the whole instrument if an entry by hand may be
    other fills' sum now."""
    account = BrokerAccount.objects.get(pk=report.account_id)
    spoken_of = [one.fill_key for one in corrections if one]
    entries = ExecutionReport.objects.filter(
        account_id=account.pk, fill_key__in=spoken_of, authority=HAND_AUTHORITY
    )
    if entries.exists():
        settle_instruments(account.workspace_id, account.pk, [report.instrument_id])
        rebook_account(account, touched={report.instrument_id: None})
        return
    moments = [report.executed_at]
    for correction in corrections:
        moved = parse_datetime(correction.changes.get("executed_at", "")) if correction else None
        if moved is not None:
            moments.append(moved)
    rebook_account(account, touched={report.instrument_id: min(moments)})


def _check(kind: str, changes: Mapping[str, object]) -> dict[str, str]:
    if kind not in (CorrectionKind.AMEND, CorrectionKind.EXCLUDE):
        raise Rejected("correction_kind", "Leave the fill out, or book it with other figures.")
    if kind == CorrectionKind.EXCLUDE:
        return {}
    if not changes:
        raise Rejected(
            "correction_empty",
            "Every figure is as it was reported. Change what is wrong, or leave the fill out.",
        )
    checked: dict[str, str] = {}
    complaints: dict[str, list[str]] = {}
    for name, value in changes.items():
        try:
            checked[name] = _check_one(name, value)
        except ValueError as error:
            complaints[name] = [str(error)]
    if complaints:
        words = " ".join(words for many in complaints.values() for words in many)
        raise Rejected("correction_figures", words, complaints)
    return checked


def _check_one(name: str, value: object) -> str:
    """The value as the correction keeps it. Raises ValueError with what to do."""
    if name in NUMBERS:
        return _number(name, value)
    if name == "side":
        if value not in list(Side):
            raise ValueError("A side is buy or sell.")
        return str(value)
    if name == "executed_at":
        return _moment(value)
    raise ValueError(f"“{name}” of a fill cannot be corrected.")


def _number(name: str, value: object) -> str:
    try:
        number = Decimal(str(value).strip())
    except ArithmeticError as error:
        raise ValueError(f"The {name} is not a number.") from error
    if not number.is_finite() or abs(number.adjusted()) > _DIGITS_MAX:
        raise ValueError(f"The {name} is not a number of a fill.")
    if len(number.as_tuple().digits) > 2 * _DIGITS_MAX:
        raise ValueError(f"The {name} has too many digits.")
    if name == "quantity" and number <= 0:
        raise ValueError("The quantity is more than 0. To drop the fill, leave it out.")
    return format(number, "f")


def _moment(value: object) -> str:
    moment = value if isinstance(value, datetime) else parse_datetime(str(value))
    if moment is None or moment.tzinfo is None:
        raise ValueError("The time needs a day, a time of day and a zone.")
    return moment.isoformat()
