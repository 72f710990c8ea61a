"""A close in a market that is closed waits for its next session, says so, and has its whole time from then on."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest import mock

import pytest

from journal.brokers.paper import fetcher
from reconciliation.domain.closing import Phase
from reconciliation.services.closing import working
from tests.closings import PaperAccount, drive, orders_sent, phases, told

pytestmark = pytest.mark.django_db
EIGHT_HOURS = 8 * 3600
OPENS = datetime(2026, 11, 19, 14, 30, tzinfo=UTC)


@pytest.fixture(params=[("ACME",), ("ACME", "BETA")], ids=["alone", "beside one that is open"])
def at_new_york(request):
    """The first of the paper broker's shares is one of New York's; nobody knows where the others are traded."""
    share = fetcher.share

    def named(symbol: str, currency: str):
        row = share(symbol, currency)
        return row._replace(exchange="NASDAQ") if symbol == "ACME" else row

    with mock.patch.object(fetcher, "share", named):
        yield request.param


def test_it_waits_for_the_exchange_to_open(workspace, at_new_york):
    paper = PaperAccount(workspace, tuple((name, 10) for name in at_new_york))
    paper.clock.advance(EIGHT_HOURS)
    root = paper.begin()
    with told() as heard:
        at = working.work(root.pk, clock=paper.clock)
        while at is not None and at < OPENS:
            paper.clock.advance(max((at - paper.clock.now()).total_seconds(), 0.1))
            at = working.work(root.pk, clock=paper.clock)
        assert at == OPENS
        assert orders_sent(root) == len(at_new_york) - 1
        (queued,) = heard.of("closing.queued")
        assert queued["lines"] == [
            "ACME: 10 are closed when the market opens, 2026-11-19 14:30 UTC."
        ]
        paper.clock.advance((OPENS - paper.clock.now()).total_seconds())
        drive(root, paper.clock)
    assert (root.phase, paper.held()) == (Phase.CLOSED, {})
    assert set(phases(root).values()) == {"closed"}
    assert orders_sent(root) == len(at_new_york)
