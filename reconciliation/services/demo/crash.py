"""A crash to look at: the demo's paper account under a guard, a market that falls, and what follows from it.

Nothing is played: readings, guard and closing are those of any account. What is invented is the broker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from accounts.models import Membership
from journal.models import BrokerAccount, Connection
from journal.services.demo.paper import hold_positions, open_paper, pull_paper
from journal.services.paper.trading import come_back, look, move_market
from journal.services.pulls.clock import SYSTEM, Clock
from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import CloseIntent, FiringOutcome, Guard, GuardFiring
from reconciliation.services import cycle
from reconciliation.services.closing import beginning, working
from reconciliation.services.guards.acting import accounts_under
from reconciliation.services.guards.presetting import create_from_preset, version_of_preset

GUARD = "Demo: ten per cent from the peak"
FALL, FALL_SECONDS = Decimal("-0.30"), 60
_STEP_SECONDS = 3.0
_PATIENCE = timedelta(minutes=4)


@dataclass(frozen=True, slots=True)
class Stage:
    connection: Connection
    account: BrokerAccount
    guard: Guard


def set_stage(membership: Membership, *, clock: Clock = SYSTEM) -> Stage:
    """The paper account with its positions in the book, and a guard over it that watches. Safe to repeat: where the
    guard has fired before, another one takes its place, as only two people or time may arm that one again."""
    connection = open_paper(membership.workspace_id, user_id=membership.user_id, clock=clock)
    come_back(connection, clock=clock)
    hold_positions(connection, clock=clock)
    account = pull_paper(connection, clock=clock)
    cycle.run_accounts([account], source="demo", clock=clock)
    return Stage(connection, account, _guard_over(account, membership, clock))


def _guard_over(account: BrokerAccount, membership: Membership, clock: Clock) -> Guard:
    rows = Guard.objects.filter(account=account, name__startswith=GUARD, removed_at=None)
    for guard in rows.order_by("-pk"):
        if not GuardFiring.objects.filter(guard=guard).exists():
            return guard
    count = rows.count()
    name = f"{GUARD} ({count + 1})" if count else GUARD
    return create_from_preset(
        membership,
        account,
        "drawdown",
        clock.now(),
        name=name,
        version=version_of_preset(PRESETS["drawdown"], closes=True),
    )


def crash(stage: Stage, *, clock: Clock = SYSTEM) -> Iterator[str]:
    """What is seen, line by line, until the account was seen flat twice or a person has to go on."""
    cycle.run_accounts([stage.account], source="demo", clock=clock)
    yield _seen(stage, clock)
    move_market(stage.connection, FALL, seconds=FALL_SECONDS, clock=clock)
    yield f"The market falls by {-FALL:.0%} within {FALL_SECONDS} seconds."
    end = clock.now() + _PATIENCE
    while clock.now() < end:
        clock.sleep(_STEP_SECONDS)
        cycle.run_accounts([stage.account], source="demo", clock=clock)
        yield _seen(stage, clock)
        firing = GuardFiring.objects.filter(guard=stage.guard).order_by("-pk").first()
        if firing is not None:
            yield f"The guard fires: {_words(firing)}."
            yield from _close(stage, firing, clock)
            return
    yield "The guard did not fire: look at its samples."


def _close(stage: Stage, firing: GuardFiring, clock: Clock) -> Iterator[str]:
    """As the workers do it, who may be at it at the same time."""
    beginning.begin_closing(firing, accounts_under(firing.guard), now=clock.now())
    end = clock.now() + _PATIENCE
    told = ""
    while clock.now() < end:
        for root in CloseIntent.objects.filter(firing=firing, root=None, ended_at=None):
            working.work(root.pk, clock=clock)
        if (now := _closing_words(firing)) != told:
            told = now
            yield told
        firing.refresh_from_db()
        if firing.ended_at is not None:
            break
        clock.sleep(1)
    pull_paper(stage.connection, clock=clock)
    cycle.run_accounts([stage.account], source="demo", clock=clock)
    yield _seen(stage, clock)
    yield f"Outcome: {FiringOutcome(firing.outcome).label}."


def _closing_words(firing: GuardFiring) -> str:
    positions = CloseIntent.objects.filter(firing=firing, root__isnull=False).order_by("symbol")
    said = ", ".join(f"{one.symbol} {one.get_phase_display().lower()}" for one in positions)
    return f"Closing: {said or 'reading the account'}."


def _words(firing: GuardFiring) -> str:
    """As people read them; the firing keeps every digit."""
    figures = {name: Decimal(str(value)) for name, value in firing.figures.items() if value}
    return ", ".join(
        f"{name} {value:.0%}" if name == "used" else f"{name} {value:,.2f}"
        for name, value in sorted(figures.items())
    )


def _seen(stage: Stage, clock: Clock) -> str:
    stage.guard.refresh_from_db()
    seen = look(stage.connection, clock=clock)
    used = stage.guard.samples.order_by("-at", "-id").values_list("used", flat=True).first()
    part = f"{used:.0%} of the allowance used" if used is not None else "no sample yet"
    state = State(stage.guard.state).value.replace("_", " ")
    return f"Equity {seen.equity:,.2f} {seen.currency}, {len(seen.holdings)} positions; guard {state}, {part}."
