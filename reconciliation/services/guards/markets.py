"""Market guards: each tells once that a market cannot be trusted, and once that it can again, and keeps new trades out
of it meanwhile where it is set so. They fire nothing and close nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from journal.domain.names import name_key
from reconciliation.domain.codec import dump, load
from reconciliation.domain.guards.changes import MarketVersion
from reconciliation.domain.guards.machine import WATCHING, Memory, State, Step
from reconciliation.domain.guards.market import Trouble
from reconciliation.domain.guards.quotes import Spell, go_on
from reconciliation.models import (
    Guard,
    GuardSample,
    LogEvent,
    LogStatus,
    ReconciliationLog,
    TradingLock,
)
from reconciliation.services.guards.keeping import save_kept, values_of
from reconciliation.services.guards.locking import lay_lock, lift_of
from reconciliation.services.guards.quoting import Prices
from reconciliation.services.guards.saying import say
from reconciliation.services.guards.seen import Seen

_WORDS = {
    Trouble.STALE_PRICE: "its price is too old",
    Trouble.PRICE_GAP: "its price jumped, and no second quote says so yet",
    Trouble.WIDE_SPREAD: "its spread is wide",
    Trouble.THIN: "too little can be traded in it",
    Trouble.CLOSED: "it is closed",
    Trouble.HALTED: "it is halted",
    Trouble.UNKNOWN: "nobody tells its price",
}
_DOUBT_LENGTH = 255

Spells = dict[str, Spell]


class _Told(NamedTuple):
    """`begun` and `over` are spells that people hear of."""

    guard: Guard
    at: datetime
    snapshot_id: int | None
    spells: Spells
    begun: list[tuple[int, Spell]]
    over: list[tuple[int, Spell]]


def version_of_market(guard: Guard) -> MarketVersion:
    assert guard.version is not None, "a guard that watches has a version"
    version = values_of(guard.kind, guard.version.values)
    assert isinstance(version, MarketVersion)
    return version


def is_watching(guard: Guard) -> bool:
    return guard.version_id is not None and guard.state in WATCHING


def watch_markets(
    guards: Sequence[Guard], seen: Sequence[Seen], prices: Mapping[int, Prices]
) -> None:
    """After what was read of accounts was priced. `guards` are locked."""
    told = []
    for guard in guards:
        own = [
            one
            for one in seen
            if one.account_id in prices and guard.account_id in (None, one.account_id)
        ]
        if own:
            told.append(_look(guard, own, prices))
    save_kept([one.guard for one in told])
    samples, rows = [], []
    for one in told:
        steps = [*_lock(one), *([Step.WARN] if one.begun else []), *([Step.CLEAR] if one.over else [])]  # fmt: skip
        samples.append(_sample(one, steps))
        rows += _rows(one)
        _say(one)
    GuardSample.objects.bulk_create(samples)
    ReconciliationLog.objects.bulk_create(rows)


def _look(guard: Guard, seen: Sequence[Seen], prices: Mapping[int, Prices]) -> _Told:
    limits = version_of_market(guard).limits
    before = load(Spells, guard.marks) if guard.marks else {}
    heard = {one.account_id for one in seen}
    # Of accounts that were not heard nothing is known to have changed; what is held no more is nobody's trouble.
    after = {name: one for name, one in before.items() if _account_of(name) not in heard}
    for one in seen:
        for key, priced in prices[one.account_id].items():
            name = f"{one.account_id}:{key}"
            known = before.get(name, Spell(priced.holding.instrument.symbol))
            spell = go_on(known, priced.troubles_by(limits, one))
            if spell.bad or spell.is_on:
                after[name] = spell
    begun = [
        (_account_of(name), one)
        for name, one in sorted(after.items())
        if one.is_told and not (name in before and before[name].is_told)
    ]
    over = [
        (_account_of(name), one)
        for name, one in sorted(before.items())
        if one.is_told and not (name in after and after[name].is_told)
    ]
    latest = max(seen, key=lambda one: one.at)
    guard.marks, guard.seen_at = dump(after), latest.at
    state = State.WARNED if any(one.is_told for one in after.values()) else State.ARMED
    memory = load(Memory, guard.memory)._replace(state=state, read_at=latest.at, heard_at=latest.at)
    guard.state, guard.memory = state.value, dump(memory)
    snapshot_id = latest.snapshot_id if guard.account_id is not None else None
    return _Told(guard, latest.at, snapshot_id, after, begun, over)


def _account_of(name: str) -> int:
    return int(name.partition(":")[0])


def _lock(told: _Told) -> list[Step]:
    """Symbols are locked as long as one of their markets is in trouble."""
    blocks = version_of_market(told.guard).blocks
    on = {one.symbol: one for one in told.spells.values() if one.is_on} if blocks else {}
    rows = TradingLock.objects.filter(guard=told.guard, lifted_at=None)
    held = set(rows.values_list("symbol", flat=True))
    for symbol in sorted(held - on.keys()):
        lift_of(told.guard, told.at, symbol=symbol)
    for symbol in sorted(on.keys() - held):
        reason = f"{told.guard.name}: {symbol}, {_words(on[symbol])}."
        lay_lock(told.guard, reason=reason, at=told.at, symbol=symbol)
    steps = [Step.BLOCK] if on.keys() - held else []
    return [*steps, Step.UNBLOCK] if held - on.keys() else steps


def _words(spell: Spell) -> str:
    return " and ".join(_WORDS[one] for one in spell.troubles)


def _sample(told: _Told, steps: Sequence[Step]) -> GuardSample:
    wrong = [
        f"{one.symbol}: {', '.join(trouble.value for trouble in one.troubles)}"
        for _, one in sorted(told.spells.items())
        if one.bad
    ]
    return GuardSample(
        workspace_id=told.guard.workspace_id, account_id=told.guard.account_id, guard=told.guard,
        snapshot_id=told.snapshot_id, at=told.at, state=told.guard.state, steps=[step.value for step in steps],
        doubt="; ".join(wrong)[:_DOUBT_LENGTH],
    )  # fmt: skip


def _rows(told: _Told) -> list[ReconciliationLog]:
    return [
        ReconciliationLog(
            workspace_id=told.guard.workspace_id, account_id=account_id, event=LogEvent.WARNING,
            status=LogStatus.WARNING, symbol=spell.symbol, created_at=told.at,
            message=f"{told.guard.name}: {spell.symbol}, {_words(spell)}.",
        )
        for account_id, spell in told.begun
    ]  # fmt: skip


def _say(told: _Told) -> None:
    """One message for all that began, and one for all that is over."""
    guard = told.guard
    if told.begun:
        lines = [f"{spell.symbol}: {_words(spell)}." for _, spell in told.begun]
        subject = f"A market that cannot be trusted: {_names(told.begun)}"
        say(guard, "warned", told.at, subject, lines, figures=_figures(told.begun))
    if told.over:
        lines = ["It can be trusted again, or is held no more."]
        subject = f"No trouble any more: {_names(told.over)}"
        say(guard, "cleared", told.at, subject, lines, figures=_figures(told.over))


def _names(spells: Sequence[tuple[int, Spell]]) -> str:
    return ", ".join(sorted({spell.symbol for _, spell in spells}, key=name_key))


def _figures(spells: Sequence[tuple[int, Spell]]) -> dict[str, str]:
    return {spell.symbol: ", ".join(spell.troubles) for _, spell in spells}
