"""What entries cost by type of the order and by width of the spread, from the book to the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from learning.models import RunKind
from learning.selectors.adherence import filled_as_of
from learning.services import learner
from learning.services.running import read
from tests import captures, people
from tests.integration.learning.closes import FIRST, iso, report, round_trip
from tests.integration.learning.test_candidates import propose

pytestmark = pytest.mark.django_db
NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def entered(owner, number, order_type, *, width):
    """At 100, with half of the spread paid; 5 are risked."""
    name, entry = f"r{number}", f"o{number}"
    at = FIRST + number * DAY
    quote = {"bid": str(100 - width), "ask": "100"}
    propose(owner, name, at=iso(at - timedelta(minutes=5)), features=quote, legs=[])
    if order_type:
        order = captures.order(
            client_order_id=entry, order_id=entry, role="entry", order_type=order_type, symbol="SYM0", side="buy",
            quantity="10", at=iso(at - timedelta(minutes=1)), record_id=entry,
        )  # fmt: skip
        answer = captures.bot(owner).post("/api/orders", order, format="json")
        assert answer.status_code == 201, answer.content
    ordered = {"order_id": entry} if order_type else {}
    report(owner, *round_trip(number, symbol="SYM0", recommendation_id=name, closing={"order_id": f"c{number}"}, **ordered))  # fmt: skip


def test_types_of_orders_and_widths_of_spreads(owner, workspace):
    for number in range(3):
        entered(owner, number, "limit", width=1)
        entered(owner, 10 + number, "market", width=3)
        entered(owner, 20 + number, "", width=2)
    filled = filled_as_of(workspace.pk, NOW)
    kinds = [filled.order_types[code] if code >= 0 else "" for code in filled.order_type]
    assert kinds == ["limit"] * 3 + ["market"] * 3 + [""] * 3
    (run,) = learner.learn(workspace.pk, as_of=NOW, kinds=[RunKind.BEHAVIOUR])
    told = read(run)["execution"]
    # Half a point, and one and a half, of five at risk.
    assert {one["word"]: (one["raw"]["n"], round(one["raw"]["value"], 3)) for one in told["by_order"]} == {
        "limit": (3, 0.1), "market": (3, 0.3),
    }  # fmt: skip
    assert [(one["word"], one["raw"]["n"]) for one in told["by_spread"]] == [
        ("Narrow", 3), ("Middling", 3), ("Wide", 3),
    ]  # fmt: skip
    page = people.browser(owner).get("/learning/execution").content.decode()
    for words in ("By type of the order", "Market", "By width of the spread", "Narrow"):
        assert words in page
