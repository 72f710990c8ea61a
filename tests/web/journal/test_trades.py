"""The list of trades: filters, orders, pages, totals and the file."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from django_scopes import scope

from accounts.scopes import Scope
from journal.models import Trade
from journal.selectors.performance import Basis, Slice, Unit, View
from journal.selectors.trade_lists import ORDERS, totals_from_rollups, totals_from_trades
from journal.services.annotations import add_note, tag_trade
from journal.tables import _text
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.doors import import_now
from tests.effort import EXHAUSTIVE
from tests.web.journal.books import fills, import_many, import_small
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db

LIST_QUERIES = 19
# It closes what was opened before the first statement, at nobody knows what.
UNKNOWN = (("20260710;093001", "LOST", "-5", "10"),)


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def ids(response) -> list[int]:
    assert response.status_code == 200
    return [
        int(id_) for id_ in re.findall(r'row-link" href="/trades/(\d+)"', response.content.decode())
    ]


def symbols(workspace, response) -> list[str]:
    with scope(workspace=workspace):
        names = dict(Trade.objects.values_list("pk", "symbol"))
    return [names[id_] for id_ in ids(response)]


def link(response, rel: str) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', response.content.decode())
    return found and found.group(1).replace("&amp;", "&")


SOME_DAYS = {"start": "2026-02-01", "end": "2026-08-31"}


@pytest.mark.parametrize(
    ("sort", "days"),
    [
        *((sort, {}) for sort in sorted(ORDERS)),
        ("-net_base", SOME_DAYS),
        *(
            pytest.param(sort, SOME_DAYS, marks=EXHAUSTIVE)
            for sort in sorted(ORDERS)
            if sort != "-net_base"
        ),
    ],
)
def test_pages_walk_every_trade_once_there_and_back(who, alice, sort, days):
    import_many(who.workspace, 130)
    with scope(workspace=who.workspace):
        Trade.objects.filter(pk__in=Trade.objects.values("pk")[:7]).update(net_base=None)
    forth: list[list[int]] = []
    page = alice.get("/trades", {"sort": sort, **days})
    while True:
        forth.append(ids(page))
        following = link(page, "next")
        if following is None:
            break
        page = alice.get(following)
    walked = [id_ for part in forth for id_ in part]
    if not days:
        with scope(workspace=who.workspace):
            assert sorted(walked) == sorted(Trade.objects.values_list("pk", flat=True))
    assert len(set(walked)) == len(walked) > 80
    back = [ids(page)]
    while (previous := link(page, "prev")) is not None:
        page = alice.get(previous)
        back.append(ids(page))
    assert back[::-1] == forth


def test_a_list_is_in_the_order_asked_for(who, alice):
    import_many(who.workspace, 40)
    assert alice.get("/trades", {"sort": "nonsense"}).status_code == 200
    with scope(workspace=who.workspace):
        trades = Trade.objects.in_bulk(ids(alice.get("/trades", {"sort": "-net_base"})))
    amounts = [trades[id_].net_base for id_ in ids(alice.get("/trades", {"sort": "-net_base"}))]
    assert amounts == sorted(amounts, reverse=True)
    names = symbols(who.workspace, alice.get("/trades", {"sort": "symbol"}))
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"symbol": "acme"}, ["ACME", "ACME"]),
        ({"side": "short"}, ["CORE", "BOLT"]),
        ({"result": "win"}, ["ACME"]),
        ({"status": "open"}, ["CORE", "ACME"]),
        ({"status": "closed", "side": "short"}, ["BOLT"]),
        ({"start": "2026-06-05", "end": "2026-06-05"}, ["BOLT"]),
        ({"end": "2026-06-30"}, ["BOLT", "ACME"]),
        ({"text": "cor"}, ["CORE"]),
        ({"asset_class": "option"}, []),
    ],
)
def test_filters_leave_what_fits(who, alice, query, expected):
    import_small(who.workspace)
    page = alice.get("/trades", query)
    assert symbols(who.workspace, page) == expected
    assert page.content.decode().count("Take this filter away") == (
        1 if {"start", "end"} <= query.keys() else len(query)
    )


def test_tags_and_words_of_notes_find_trades(who, alice):
    import_small(who.workspace)
    with scope(workspace=who.workspace):
        trade = Trade.objects.get(symbol="BOLT")
        tag_trade(trade, name="late entry", author_id=None)
        add_note(trade, text="Chased the *breakdown*.", author_id=None)
    assert symbols(who.workspace, alice.get("/trades", {"tag": "late entry"})) == ["BOLT"]
    assert symbols(who.workspace, alice.get("/trades", {"text": "breakdown"})) == ["BOLT"]


def test_empty_fields_of_the_form_are_not_kept_in_the_address(who, alice):
    import_small(who.workspace)
    response = alice.get("/trades", {"symbol": "", "side": "short", "text": ""})
    assert (response.status_code, response.url) == (302, "/trades?side=short")
    fragment = alice.get("/trades", {"symbol": "", "side": "short"}, headers={"HX-Request": "true"})
    assert fragment.headers["HX-Push-Url"] == "/trades?side=short"
    assert symbols(who.workspace, fragment) == ["CORE", "BOLT"]


def test_what_the_list_is_filtered_by_adds_up_the_same_from_rollups_and_from_trades(who):
    import_many(who.workspace, 90)
    with scope(workspace=who.workspace):
        for view in (View(), View(Unit.CURRENCY, Basis.GROSS)):
            from_rollups = totals_from_rollups(Slice(who.workspace.pk), view)
            from_trades = totals_from_trades(Trade.objects.all(), view)
            assert [
                (one.currency, one.trades, one.wins, one.losses, one.pnl, one.cost, one.unknown)
                for one in from_rollups
            ] == [
                (one.currency, one.trades, one.wins, one.losses, one.pnl, one.cost, one.unknown)
                for one in from_trades
            ]


def test_totals_stand_in_the_footer_and_name_what_was_realised_besides(who, alice):
    import_small(who.workspace)
    text = words(alice.get("/trades"))
    assert "2 closed trades 1 won, 1 lost · 50.0%" in text
    assert "realised in these days +8.60 USD" in text
    assert "+6.00 USD" in text


def test_a_trade_without_a_result_is_counted_alike_everywhere(who, alice):
    import_small(who.workspace)
    import_now(who.workspace, statement(*fills(*UNKNOWN, start=90, openCloseIndicator="C")))
    assert "3 closed trades 1 won, 1 lost · 50.0% 1 without a result" in words(alice.get("/trades"))
    assert "Net P&L +8.60 USD 3 closed trades" in words(alice.get("/"))
    assert "2 trades closed" in words(alice.get("/calendar?year=2026&month=6"))
    told = people.bot(who.alice, Scope.JOURNAL_READ).get("/api/performance").json()["results"][0]
    assert (told["trades"], told["wins"], told["losses"], told["unknown"]) == (3, 1, 1, 1)


def test_a_sum_of_nothing_known_is_not_zero(who, alice):
    import_small(who.workspace)
    import_now(who.workspace, statement(*fills(*UNKNOWN, start=90, openCloseIndicator="C")))
    text = words(alice.get("/trades", {"result": "unknown", "totals": "1"}))
    assert "1 without a result Net, base currency USD: –" in text
    assert "Result Unknown" in text
    day = {"period": "custom", "from": "2026-07-10", "to": "2026-07-10"}
    page = words(alice.get("/", day))
    assert "Net P&L – 1 closed trade" in page
    assert "adds up to" not in page
    assert " 10 – 1 trade " in words(alice.get("/calendar?year=2026&month=7"))


def test_only_what_is_in_the_menu_marks_it(who, alice):
    import_small(who.workspace)
    for query, is_used in (({"status": "open"}, False), ({"asset_class": "stock"}, True)):
        page = alice.get("/trades", query).content.decode()
        assert ('<details class="menu" data-used>' in page) is is_used


def test_totals_that_no_rollup_holds_come_after_the_page_or_by_a_link(who, alice):
    import_small(who.workspace)
    page = alice.get("/trades", {"symbol": "ACME"}).content.decode()
    assert 'hx-get="/trades/totals?symbol=ACME"' in page
    assert "+18.00" in words(alice.get("/trades/totals", {"symbol": "ACME"}))
    assert "1 closed trade 1 won, 0 lost" in words(
        alice.get("/trades", {"symbol": "ACME", "totals": "1"})
    )


def test_the_period_of_the_lens_holds_until_the_address_names_days(who, alice):
    import_small(who.workspace)
    alice.get("/", {"period": "custom", "from": "2026-07-01", "to": "2026-07-31"})
    assert symbols(who.workspace, alice.get("/trades")) == ["CORE", "ACME"]
    assert symbols(who.workspace, alice.get("/trades", {"end": "2026-06-30"})) == ["BOLT", "ACME"]


def test_the_file_holds_every_filtered_trade_with_exact_figures(who, alice):
    import_many(who.workspace, 60)
    response = alice.get("/trades/export.csv", {"side": "long"})
    assert "attachment" in response.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(response.getvalue().decode())))
    with scope(workspace=who.workspace):
        trades = Trade.objects.in_bulk()
    assert {int(row["id"]) for row in rows} == set(trades)
    for row in rows:
        assert Decimal(row["net_pnl"]) == trades[int(row["id"])].net_pnl


def test_a_cell_is_never_a_formula(who, alice):
    assert _text("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert _text(Decimal("-1.50")) == "-1.50"


@pytest.mark.parametrize("cursor", ["x", "WyI-Il0", "!!!", "WyI-IiwiMSIsIjIiXQ"])
def test_a_page_that_is_none_is_a_sentence(who, alice, cursor):
    import_small(who.workspace)
    response = alice.get("/trades", {"cursor": cursor})
    assert response.status_code == 422
    assert "Start at its first" in response.content.decode()


def test_the_number_of_queries_is_the_same_on_every_page(who, alice, django_assert_max_num_queries):
    import_many(who.workspace, 130)
    page = alice.get("/trades")
    with django_assert_max_num_queries(LIST_QUERIES):
        page = alice.get(link(page, "next"))
    with django_assert_max_num_queries(LIST_QUERIES):
        alice.get(link(page, "prev"))
