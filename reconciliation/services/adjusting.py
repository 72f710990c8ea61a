"""What carrying a remedy out does to the book: always through the doors by which people change it, with a reason, and
undone as what they do is undone.

Everything here is safe to do twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.db.models import Q

from common.errors import Conflict, Rejected
from journal.domain.values import Side
from journal.models import (
    BrokerAccount,
    BrokerInstrument,
    Correction,
    CorrectionKind,
    Execution,
    ExecutionReport,
    ImportBatch,
    ImportState,
    Instrument,
)
from journal.selectors.corrections import find_correction
from journal.services.cash_entries import CashEntry, Movement, enter_cash, kind_of
from journal.services.corrections import correct_fill, withdraw_correction
from journal.services.entries import EnteredFill, Entry, enter, words_of
from journal.services.imports import confirm_import, run_import
from reconciliation.domain.remedies import Act, unexplained
from reconciliation.models import Divergence, SnapshotPosition
from reconciliation.selectors.fills import ADJUSTMENT
from reconciliation.services.snapshots import mapped_name

_AMENDED = ("price", "quantity", "fee", "side")


def carry_out(divergence: Divergence, *, reason: str, user_id: int | None) -> dict[str, object]:
    """What the proposal says; gives what was done, for the step. Raises Rejected and Conflict: then nothing was."""
    act = Act(divergence.proposal.get("act", Act.NOTHING))
    if act is Act.NOTHING:
        return {}
    if act is Act.ADJUST:
        return _adjust(divergence, reason, user_id)
    if act is Act.CASH:
        return _move_cash(divergence, reason, user_id)
    if act is Act.MAP:
        return _map(divergence)
    return _correct(divergence, act, reason, user_id)


def price_for(divergence: Divergence) -> Decimal | None:
    """At what an adjustment would be booked: what the broker paid where it opens, else the latest known price."""
    stated = divergence.proposal.get("price") or ""
    if stated:
        return number(stated)
    line = None
    if divergence.instrument_id is not None:
        lines = SnapshotPosition.objects.filter(instrument_id=divergence.instrument_id)
        line = lines.filter(account_id=divergence.account_id).order_by("-id").first()
    is_new = divergence.expected.get("quantity", "0") == "0"
    average = divergence.actual.get("average_price")
    if is_new and average:
        return number(average)
    if line is not None and line.price is not None:
        return line.price
    return number(average) if average else None


def number(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise Rejected(
            "price_unclear", "The price is not a number.", {"price": ["A number."]}
        ) from None
    if not found.is_finite():
        raise Rejected("price_unclear", "The price is not a number.", {"price": ["A number."]})
    return found


def _adjust(divergence: Divergence, reason: str, user_id: int | None) -> dict[str, object]:
    if divergence.instrument is None:
        raise Rejected("market_unknown", "First say which market of the book the broker means.")
    price = price_for(divergence)
    if price is None:
        words = "Neither side states a price. Say at which price to book it."
        raise Rejected("price_needed", words, {"price": [words]})
    moved = quantity_of(divergence.actual) - quantity_of(divergence.expected)
    if not moved:
        return {}
    batch = _once(divergence, lambda: _entered(divergence, moved, price, reason, user_id))
    _book(batch, "executions", "read")
    return {"import": batch.pk, "quantity": format(moved, "f"), "price": format(price, "f")}


def movement_of(divergence: Divergence, said: str) -> Movement:
    """What the money was, which only a person knows. Raises Rejected where they did not say it, or it cannot be."""
    try:
        movement = Movement(said)
    except ValueError:
        words = f"Say what the money was: {', '.join(Movement)}."
        raise Rejected("movement_needed", words, {"movement": [words]}) from None
    kind_of(movement, unexplained(divergence.actual))
    return movement


def _move_cash(divergence: Divergence, reason: str, user_id: int | None) -> dict[str, object]:
    moved, currency = unexplained(divergence.actual), divergence.actual.get("currency", "")
    if not moved:
        return {}
    movement = movement_of(divergence, str(divergence.proposal.get("movement", "")))
    account = BrokerAccount.objects.get(pk=divergence.account_id)
    entry = CashEntry(
        account=account, movement=movement, amount=moved, currency=currency, occurred_at=_moment(divergence),
        reason=f"Adjustment: {reason}", form_id=f"divergence-{divergence.pk}", source=ADJUSTMENT,
    )  # fmt: skip
    batch = _once(divergence, lambda: enter_cash(divergence.workspace_id, entry, user_id=user_id))
    _book(batch, "cash", "new")
    return {"import": batch.pk, "movement": str(movement), "amount": format(moved, "f")}


def _book(batch: ImportBatch, what: str, how: str) -> None:
    confirm_import(batch)
    run_import(batch)
    batch.refresh_from_db()
    told = [one[what][how] for one in (batch.result or {}).get("accounts", [])]
    if batch.state != ImportState.DONE or told != [1]:
        words = batch.error_message or "The adjustment could not be booked. Look at its import."
        raise Conflict("adjustment_failed", words)


@transaction.atomic
def _once(divergence: Divergence, enter: Callable[[], ImportBatch]) -> ImportBatch:
    """Whoever carries it out again finds the same import."""
    held = Divergence.objects.select_for_update(of=("self",)).get(pk=divergence.pk)
    known = ImportBatch.objects.filter(pk=held.proposal.get("import")).first()
    if known is not None:
        return known
    batch = enter()
    held.proposal = {**held.proposal, "import": batch.pk}
    held.save(update_fields=["proposal"])
    return batch


def _entered(
    divergence: Divergence, moved: Decimal, price: Decimal, reason: str, user_id: int | None
) -> ImportBatch:
    assert divergence.instrument is not None
    account = BrokerAccount.objects.get(pk=divergence.account_id)
    contract = words_of(divergence.instrument, account.broker)
    if ticket := divergence.actual.get("ticket") or divergence.expected.get("ticket"):
        contract["position_id"] = ticket
    side = Side.BUY if moved > 0 else Side.SELL
    entry = Entry(
        account=account,
        contract=contract,
        fills=[
            EnteredFill(
                side=side, quantity=abs(moved), price=price, executed_at=_moment(divergence)
            )
        ],
        zone=account.zone,
        note=f"Adjustment: {reason}"[:255],
        form_id=f"divergence-{divergence.pk}",
        source=ADJUSTMENT,
    )
    return enter(divergence.workspace_id, entry, user_id=user_id)


def _moment(divergence: Divergence) -> datetime:
    """When it was first seen: the same however often it is carried out."""
    return divergence.first_seen_at.replace(microsecond=0)


def quantity_of(side: Mapping[str, str]) -> Decimal:
    return Decimal(side.get("quantity", "0"))


def _correct(
    divergence: Divergence, act: Act, reason: str, user_id: int | None
) -> dict[str, object]:
    if act is Act.INCLUDE:
        return _include(divergence)
    execution = _execution_of(divergence)
    known = find_correction(execution.account_id, execution.fill_key)
    if act is Act.EXCLUDE:
        made = correct_fill(
            execution, kind=CorrectionKind.EXCLUDE, changes={}, reason=reason, author_id=user_id
        )
        return {"correction": made.pk}
    if known is not None:
        # What a person booked otherwise is booked as it was reported again.
        withdraw_correction(known)
        return {"withdrawn": known.pk}
    changes = {
        name: divergence.actual[name]
        for name in _AMENDED
        if divergence.actual.get(name)
        and divergence.actual.get(name) != divergence.expected.get(name)
    }
    made = correct_fill(
        execution, kind=CorrectionKind.AMEND, changes=changes, reason=reason, author_id=user_id
    )
    return {"correction": made.pk}


def _include(divergence: Divergence) -> dict[str, object]:
    """The fill that a person had left out counts again."""
    reports = ExecutionReport.objects.filter(pk__in=_ids(divergence, "report"))
    keys = set(reports.values_list("fill_key", flat=True))
    left_out = Correction.objects.filter(
        account_id=divergence.account_id, fill_key__in=keys, kind=CorrectionKind.EXCLUDE, withdrawn_at=None
    )  # fmt: skip
    found = list(left_out)
    for one in found:
        withdraw_correction(one)
    return {"withdrawn": [one.pk for one in found]}


def _execution_of(divergence: Divergence) -> Execution:
    ids = _ids(divergence, "execution")
    reports = ExecutionReport.objects.filter(pk__in=_ids(divergence, "report"))
    found = (
        Execution.objects.filter(account_id=divergence.account_id)
        .filter(Q(pk__in=ids) | Q(fill_key__in=reports.values("fill_key")))
        .order_by("pk")
        .first()
    )
    if found is None:
        raise Conflict("fill_gone", "The fill is no longer in the book: it was undone or left out.")
    return found


def _ids(divergence: Divergence, kind: str) -> list[int]:
    words = (word.partition(":") for word in divergence.evidence)
    return [int(id_) for name, _, id_ in words if name == kind and id_.isdecimal()]


def _map(divergence: Divergence) -> dict[str, object]:
    """From now on the broker's word means that market, in every reading."""
    id_ = divergence.proposal.get("instrument")
    instrument = Instrument.objects.filter(pk=id_).first() if id_ else None
    if instrument is None:
        words = "Say which market of the book is meant."
        raise Rejected("market_needed", words, {"instrument": [words]})
    account = BrokerAccount.objects.get(pk=divergence.account_id)
    # Also where it was said to mean another one before.
    BrokerInstrument.objects.update_or_create(
        workspace_id=divergence.workspace_id,
        broker=account.broker,
        broker_id=mapped_name(divergence.symbol),
        defaults={"instrument": instrument},
    )
    return {"instrument": instrument.pk}
