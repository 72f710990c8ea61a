"""By whom trades came about: the same figures on the dashboard, in the list, over the API and in the book."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest
from django_scopes import scope

from accounts.scopes import Scope
from journal.models import BrokerAccount, DayRollup, ImportBatch, SliceRollup, Trade
from journal.selectors.performance import Basis, Slice, Unit, View
from journal.selectors.summaries import build_performance, build_sources
from journal.selectors.trade_lists import totals_from_rollups, totals_from_trades
from journal.services.booking.rebook import rebook_account
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.captures import book, bot, fill
from tests.doors import import_now, undo
from tests.web.journal.books import fills, import_small
from tests.web.journal.test_dashboard import words
from tests.web.journal.test_trades import symbols

pytestmark = pytest.mark.django_db

ACCOUNT = "U7000001"
VIEWS = [View(unit, basis) for unit in (Unit.BASE, Unit.CURRENCY) for basis in Basis]


@pytest.fixture
def who():
    """A statement, a chat's round trip of a win, and a bot's of a loss of which the fees are known."""
    who = people.everybody()
    import_small(who.workspace)
    client = bot(who.alice)
    rows = [
        fill(symbol="CHAT", quantity="10", price="10", executed_at="2026-06-08T14:00:00Z", source="chat", fee="1"),
        fill(symbol="CHAT", side="sell", quantity="10", price="13", executed_at="2026-06-09T14:00:00Z", source="button",
             fee="1"),
        fill(symbol="ROBO", quantity="10", price="10", executed_at="2026-06-10T14:00:00Z", fee="0.5"),
        fill(symbol="ROBO", side="sell", quantity="10", price="9", executed_at="2026-06-11T14:00:00Z", fee="0.5"),
        fill(symbol="ROBO", side="sell", quantity="5", price="9", executed_at="2026-06-12T14:00:00Z", fee="0.25"),
    ]  # fmt: skip
    for number, row in enumerate(rows):
        row |= {"account": ACCOUNT, "record_id": f"r-{number}", "exec_id": f"x-{number}"}
    assert client.post("/api/executions/batch", {"executions": rows}).status_code == 200
    book(who.workspace)
    return who


def holds(workspace) -> bool:
    with scope(workspace=workspace):
        return verify_account(BrokerAccount.objects.get()) == []


def rollups(workspace) -> list[list[tuple[object, ...]]]:
    with scope(workspace=workspace):
        return [
            sorted(tuple(row.values()) for row in model.objects.values(*names))
            for model in (DayRollup, SliceRollup)
            if (names := [f.name for f in model._meta.fields if f.name != "id"])
        ]


def test_a_trade_is_whose_who_opened_it_was(who):
    with scope(workspace=who.workspace):
        sources = dict(Trade.objects.order_by("last_at").values_list("symbol", "source"))
    assert sources["CHAT"] == "chat"
    assert sources["ROBO"] == "bot"
    assert sources["ACME"] == "statement"
    assert holds(who.workspace)


@pytest.mark.parametrize("view", VIEWS)
def test_the_sources_add_up_to_the_whole(who, view):
    with scope(workspace=who.workspace):
        parts = build_sources(Slice(who.workspace.pk), view)
        (whole,) = build_performance(Slice(who.workspace.pk), view)
    assert {one.source for one in parts} == {"statement", "chat", "bot"}
    for name in ("pnl", "fees_paid", "executions", "unknown", "cost"):
        assert sum(getattr(one, name) for one in parts) == getattr(whole, name)
    for name in ("net", "gross", "fees", "wins", "losses", "trades"):
        assert sum(getattr(one.summary, name) for one in parts) == getattr(whole.summary, name)


def test_each_source_has_what_its_trades_have(who):
    with scope(workspace=who.workspace):
        found = {one.source: one for one in build_sources(Slice(who.workspace.pk), View())}
    assert (found["chat"].pnl, found["chat"].fees_paid) == (Decimal(28), Decimal(2))
    # The third fill opened a position that is still open: it was paid for and realised nothing.
    assert (found["bot"].pnl, found["bot"].fees_paid) == (Decimal(-11), Decimal("1.25"))
    assert (found["bot"].summary.wins, found["bot"].summary.losses) == (0, 1)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("source", ["bot", "chat", "statement", "scanner"])
def test_a_list_of_one_source_adds_up_from_rollups_as_from_trades(who, source, view):
    with scope(workspace=who.workspace):
        one = Slice(who.workspace.pk, source=source)
        both = (
            totals_from_rollups(one, view),
            totals_from_trades(Trade.objects.filter(source=source), view),
        )
    told, counted = (
        [(x.currency, x.trades, x.wins, x.losses, x.pnl, x.cost, x.unknown) for x in each] for each in both
    )  # fmt: skip
    assert told == counted


def test_the_list_is_filtered_by_source_and_says_it(who):
    browser = people.browser(who.alice)
    page = browser.get("/trades", {"source": "chat"})
    assert symbols(who.workspace, page) == ["CHAT"]
    assert "1 closed trade 1 won, 0 lost · 100.0%" in words(page)
    assert "+28.00 USD" in words(page)
    assert "Source Chat" in words(page)
    assert symbols(who.workspace, browser.get("/trades", {"source": "bot", "side": "short"})) == [
        "ROBO"
    ]
    rows = csv.DictReader(
        io.StringIO(browser.get("/trades/export.csv?source=bot").getvalue().decode())
    )
    assert {row["source"] for row in rows} == {"bot"}


def test_the_dashboard_has_a_row_for_each_source(who):
    text = words(people.browser(who.alice).get("/"))
    assert "By source" in text
    assert "Chat 1 trade 100.0%" in text
    assert "Bot 1 trade 0.0%" in text
    page = people.browser(who.alice).get("/").content.decode()
    assert 'href="/trades?source=chat"' in page


def test_a_book_of_statements_alone_is_not_broken_down():
    who = people.everybody()
    import_small(who.workspace)
    assert "By source" not in words(people.browser(who.alice).get("/"))


def test_the_api_tells_the_same_by_source(who):
    reader = people.bot(who.alice, Scope.JOURNAL_READ)
    plain = reader.get("/api/performance").json()
    assert plain["sources"] is None
    told = reader.get("/api/performance", {"by": "source"}).json()
    assert told["results"] == plain["results"]
    (whole,) = told["results"]
    for name in ("pnl", "fees", "fees_paid"):
        assert sum(Decimal(one[name]) for one in told["sources"]) == Decimal(whole[name])
    chat = reader.get("/api/performance", {"source": "chat"}).json()["results"][0]
    (same,) = (one for one in told["sources"] if one["source"] == "chat")
    assert {name: chat[name] for name in same if name != "source"} == {
        name: value for name, value in same.items() if name != "source"
    }
    assert reader.get("/api/performance", {"by": "weekday"}).status_code == 422
    assert {one["source"] for one in reader.get("/api/trades", {"source": "bot"}).json()["results"]} == {"bot"}  # fmt: skip


def test_what_is_not_counted_by_side_is_not_said_to_be_zero(who):
    told = people.bot(who.alice, Scope.JOURNAL_READ).get("/api/performance", {"side": "long"})
    (one,) = told.json()["results"]
    assert (one["fees_paid"], one["executions"]) == (None, None)
    assert one["trades"] == 3


def test_who_reports_an_old_fill_takes_its_trade_and_all_that_was_paid_for_it_and_gives_it_back():
    """A position that a statement opened in parts on several days, and of which a bot says later: that was me."""
    who = people.everybody()
    parts = fills(
        ("20260602;093001", "LONG", "10", "10"),
        ("20260603;093001", "LONG", "10", "11"),
        ("20260604;093001", "LONG", "-5", "12"),
        ibExecID="",
    )
    parts[0] = parts[0].replace('ibExecID=""', 'ibExecID="0000d514.01"')
    import_now(who.workspace, statement(*parts))
    before = rollups(who.workspace)
    said = fill(
        account=ACCOUNT, symbol="LONG", quantity="10", price="10", executed_at="2026-06-02T13:30:01Z",
        exec_id="0000d514.01", source="scanner",
    )  # fmt: skip
    bot(who.alice).post("/api/executions", said)
    book(who.workspace)
    with scope(workspace=who.workspace):
        assert Trade.objects.get().source == "scanner"
        assert set(DayRollup.objects.values_list("source", flat=True)) == {"scanner"}
    assert holds(who.workspace)
    with scope(workspace=who.workspace):
        batch = ImportBatch.objects.get(format="capture")
    undo(who.workspace, batch)
    assert rollups(who.workspace) == before
    assert holds(who.workspace)


def test_days_summed_one_by_one_are_those_of_a_whole_rebuild(who):
    """Statements before anybody acted are summed without looking at trades: it comes to the same."""
    before = rollups(who.workspace)
    with scope(workspace=who.workspace):
        rebook_account(BrokerAccount.objects.get())
    assert rollups(who.workspace) == before
