"""Look-ahead at the level of the database (L23): runs as of moments that have passed, on all that is known by now, give
the bytes that they gave when nobody knew more.

Weeks go by under a clock that is moved: a bot and a scanner tell what they tell, some of it late, and each Monday the
learner runs on the database as it is then, which holds nothing of what comes after. In the end every Monday is learnt
again. Nothing may come out otherwise.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db.models import Count

from journal.models import Decision, RecommendationOutcome
from learning.models import LearningRun, LearningSettings, Report, StepFailure, TradeFact
from learning.selectors.facts import read_facts
from learning.services import insights, learner, measuring, returning
from learning.services.steps import ORDER
from tests import captures, people

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 8, 6, tzinfo=UTC)
WEEK, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
WEEKS = 6
A_WEEK = 8


def iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


class Story:
    """What is told, when. Every trade is proposed, opened at a limit, and closed a day later; beside it is a near miss
    that nobody takes."""

    def __init__(self, member) -> None:
        self.client = people.bot(member)
        self.workspace = member.workspace
        self.waits: list[tuple[datetime, str, list]] = []

    def week(self, begun: datetime, number: int) -> None:
        for place in range(A_WEEK):
            self.trade(number * A_WEEK + place, begun + (place * 14 + 10) * HOUR)

    def trade(self, number: int, opened: datetime) -> None:
        """Of some the end is told of only later (of few their beginning after it), of some what their proposals
        came to; some are decided late."""
        told, closed = records_of(number, opened), opened + DAY
        late = {1: "executions", 3: "outcomes", 4: "decisions"}.get(number % 5)
        heard = closed + 9 * DAY if number % 15 == 6 else opened
        self.waits += [
            (opened, "orders", told["orders"][:1]),
            (heard, "executions", told["executions"][:1]),
        ]
        self.waits.append((opened - HOUR / 2, "recommendations", told["recommendations"]))
        for name, rows in (
            ("orders", told["orders"][1:]), ("executions", told["executions"][1:]), ("outcomes", told["outcomes"]),
            ("decisions", told["decisions"]),
        ):  # fmt: skip
            self.waits.append((closed + (8 * DAY if name == late else HOUR), name, rows))

    def play(self, until: datetime) -> None:
        """All of it that is heard by then, in its order, under the clock of its hour."""
        due = sorted((one for one in self.waits if one[0] <= until), key=lambda one: one[0])
        self.waits = [one for one in self.waits if one[0] > until]
        for at, name, rows in due:
            with time_machine.travel(at, tick=False):
                self.tell(name, rows)

    def tell(self, name: str, rows: list) -> None:
        own = {"workspace": self.workspace, "actor": "somebody"}
        if name == "outcomes":
            RecommendationOutcome.objects.bulk_create(
                RecommendationOutcome(**own, **row) for row in rows
            )
        elif name == "decisions":
            Decision.objects.bulk_create(Decision(**own, **row) for row in rows)
        else:
            answer = self.client.post(f"/api/{name}/batch", {name: rows})
            assert answer.status_code < 300, answer.content
            captures.book(self.workspace)


def records_of(number: int, opened: datetime) -> dict[str, list]:
    # Whose end is told of late has a symbol of its own: else the next trade in it would be another one meanwhile.
    won, symbol = number % 3 != 0, f"SYM{number % 4}" if number % 5 != 1 else f"LATE{number}"
    closed, iv = opened + DAY, 30 + (number * 17) % 60 + (8 if won else 0)
    entry, end = "100", "102" if won else "99"
    common = {"symbol": symbol, "account": captures.ACCOUNT}
    features = {
        "iv_rank": str(iv),
        "dte": str(30 + number % 20),
        "bid": "99.9",
        "ask": "100.2",
        "trend": "up",
    }
    proposal = {
        **common, "strategy": "swing", "at": iso(opened - HOUR), "scanner": "scan", "entry_price": "100",
        "stop_price": "99", "target_price": "102", "expected_loss": "10", "probability": "0.6", "features": features,
    }  # fmt: skip
    return {
        "recommendations": [
            {**proposal, "record_id": f"p{number}"},
            {**proposal, "record_id": f"s{number}", "pool": "shadow", "at": iso(opened - HOUR / 2)},
        ],
        "orders": [
            captures.order(**common, client_order_id=f"in-{number}", order_type="limit", side="buy", at=iso(opened),
                           reason="Signal", limit_price=entry, quantity="10"),
            captures.order(**common, client_order_id=f"out-{number}", order_type="stop", side="sell", at=iso(closed),
                           reason="50% profit rule" if won else "Stop loss", stop_price="99", quantity="10"),
        ],
        "executions": [
            captures.fill(**common, price=entry, executed_at=iso(opened), record_id=f"o{number}",
                          client_order_id=f"in-{number}", recommendation_id=f"p{number}"),
            captures.fill(**common, price=end, side="sell", executed_at=iso(closed), record_id=f"c{number}",
                          client_order_id=f"out-{number}"),
        ],
        "outcomes": [
            {"record_id": f"{pool}{number}", "r_multiple": Decimal(2 if won else -1), "closed_at": closed,
             "known_at": closed, "source": "scanner", "mark_quality": "eod_mid", "digest": f"{pool}{number}"}
            for pool in "ps"
        ],
        # A rule that ran late says from when on it held.
        "decisions": [{"record_id": f"s{number}", "verdict": "expired", "via": "rule", "decided_at": opened}],
    }  # fmt: skip


def learn(workspace_id: int, as_of: datetime) -> None:
    measuring.measure(workspace_id)
    returning.measure_returns(workspace_id, as_of)
    while insights.write_insights(workspace_id).is_more:
        pass
    learner.learn(workspace_id, as_of=as_of, kinds=ORDER)


def said_twice() -> list[tuple[str, datetime]]:
    runs = LearningRun.objects.values_list("kind", "as_of").annotate(n=Count("id")).filter(n__gt=1)
    return [(kind, as_of) for kind, as_of, _ in runs.order_by("as_of", "kind")]


def said() -> dict[tuple[str, datetime], str]:
    runs = LearningRun.objects.values_list("kind", "as_of", "sha256")
    return {(kind, as_of): digest for kind, as_of, digest in runs}


def test_what_came_later_changes_no_byte_of_what_was_said(owner, workspace):
    with time_machine.travel(MONDAY - WEEK, tick=False):
        workspace.created_at = datetime.now(UTC)
        workspace.save()
        captures.account_of(workspace)
        LearningSettings.objects.create(workspace=workspace, zone="UTC")
    story = Story(owner)
    mondays = [MONDAY + number * WEEK for number in range(WEEKS)]
    for number, monday in enumerate(mondays):
        story.week(monday - WEEK, number)
        story.play(monday)
        with time_machine.travel(monday + timedelta(minutes=5), tick=False):
            learn(workspace.pk, monday)
    assert list(StepFailure.objects.values_list("kind", "words")) == []
    before = said()
    assert len(before) == WEEKS * len(ORDER)
    story.play(mondays[-1] + 20 * DAY)
    with time_machine.travel(mondays[-1] + 30 * DAY, tick=False):
        learn(workspace.pk, mondays[-1] + 29 * DAY)
        for monday in mondays:
            learn(workspace.pk, monday)
    assert list(StepFailure.objects.values_list("kind", "words")) == []
    assert said_twice() == []
    again = {key: digest for key, digest in said().items() if key[1] in mondays}
    assert [key for key, digest in again.items() if digest != before[key]] == []
    assert Report.objects.filter(kind="weekly").count() == WEEKS + 1


def test_a_proposal_that_is_told_after_the_end_was_known_to_nobody_before(owner, workspace):
    """Its features would else be read as of moments at which only their scanner could have known them."""
    with time_machine.travel(MONDAY - WEEK, tick=False):
        captures.account_of(workspace)
    story, opened = Story(owner), MONDAY - 6 * DAY
    told = records_of(0, opened)
    story.waits = [
        (opened, "executions", told["executions"][:1]), (opened + DAY, "executions", told["executions"][1:]),
        (opened + 9 * DAY, "recommendations", told["recommendations"]),
    ]  # fmt: skip
    found = []
    for day in (2, 9):
        story.play(opened + day * DAY)
        measuring.measure_all(workspace.pk)
        fact = TradeFact.objects.get()
        found.append((fact.known_at, "iv_rank" in fact.features, fact.r))
    assert found == [(opened + DAY, False, None), (opened + 9 * DAY, True, -1.0)]
    assert len(read_facts(workspace.pk, opened + 8 * DAY)) == 0
