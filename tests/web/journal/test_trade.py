"""One trade: lines that add up to its head, evidence behind them, and what people say and correct."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from common.errors import Rejected
from common.numbers import write_money
from journal.models import Correction, Execution, ExecutionReport, Tag, Trade, TradeNote
from journal.selectors.performance import Basis, Unit
from journal.services.booking.rebook import rebook_account
from journal.services.corrections import correct_fill, withdraw_correction
from journal.templatetags.notes import markdown
from tests import people
from tests.brokers.ibkr_flex.flex import element, statement
from tests.brokers.ibkr_flex.flex import trade as fill
from tests.doors import book_of, import_now
from tests.web.journal.books import fills, import_many, import_small
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db

TRADE_QUERIES = 34
HTMX = {"HX-Request": "true"}


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def bob(who):
    return people.browser(who.bob)


def trade_of(workspace, symbol: str, **wanted) -> Trade:
    with scope(workspace=workspace):
        return Trade.objects.filter(symbol=symbol, **wanted).earliest("opened_at")


def fill_of(workspace, broker_id: str) -> Execution:
    with scope(workspace=workspace):
        return Execution.objects.get(broker_id=broker_id)


def sum_row(response) -> str:
    html = re.search(r'id="sum">(.*?)</td>', response.content.decode(), re.DOTALL).group(1)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_what_only_opened_has_no_sum_rather_than_nothing(who, alice):
    import_small(who.workspace)
    core = trade_of(who.workspace, "CORE")
    page = alice.get(f"/trades/{core.pk}")
    assert sum_row(page) == "–"
    assert "Nothing is realised yet" in page.content.decode()


@pytest.mark.parametrize("basis", Basis)
@pytest.mark.parametrize("unit", Unit)
def test_the_fills_add_up_to_the_head_exactly(who, alice, unit, basis):
    rows = fills(
        ("20260602;093001", "ACME", "7", "10.13"),
        ("20260602;093101", "ACME", "6", "10.07"),
        ("20260602;100000", "ACME", "-3", "12.01"),
        ("20260602;100500", "ACME", "-10", "9.99"),
    )
    import_now(who.workspace, statement(*rows))
    trade = trade_of(who.workspace, "ACME")
    page = alice.get(f"/trades/{trade.pk}", {"unit": unit, "basis": basis})
    amount = {
        Unit.CURRENCY: getattr(trade, f"{basis}_pnl"),
        Unit.BASE: getattr(trade, f"{basis}_base"),
        Unit.PERCENT: getattr(trade, f"{basis}_base") / trade.cost_base,
    }[unit]
    written = write_money(amount, "%" if unit is Unit.PERCENT else "USD", plus=True)
    assert sum_row(page) == written
    assert "Sum the figure above" in words(page)


def test_each_closing_fill_names_the_lots_it_closed(who, alice):
    import_small(who.workspace)
    trade = trade_of(who.workspace, "ACME", closed_at__isnull=False)
    page = alice.get(f"/trades/{trade.pk}")
    assert f'href="#fill-{trade.pk}"' in page.content.decode()
    assert "Lots closed" in words(page)


def test_a_fill_through_zero_counts_with_its_part(who, alice):
    rows = fills(
        ("20260602;093001", "ACME", "10", "10"),
        ("20260602;100000", "ACME", "-15", "12"),
        ("20260602;110000", "ACME", "5", "11"),
    )
    import_now(who.workspace, statement(*rows))
    with scope(workspace=who.workspace):
        trades = list(Trade.objects.order_by("opened_at"))
    assert len(trades) == 2
    for trade in trades:
        page = alice.get(f"/trades/{trade.pk}")
        assert "In part" in words(page)
        assert sum_row(page) == write_money(trade.net_pnl, "USD", plus=True)


def test_an_unknown_basis_is_explained_and_never_zero(who, alice):
    import_now(
        who.workspace,
        statement(*fills(("20260602;093001", "ACME", "-5", "10"), openCloseIndicator="C")),
    )
    trade = trade_of(who.workspace, "ACME")
    text = words(alice.get(f"/trades/{trade.pk}"))
    assert "is not known" in text
    assert "0.00 USD the figure above" not in text


def result_card(response) -> str:
    return words(response).split("Result realised so far ")[1].split(" Open lots")[0]


def test_what_only_opened_has_no_result_beside_its_head(who, alice):
    import_small(who.workspace)
    page = alice.get(f"/trades/{trade_of(who.workspace, 'CORE').pk}")
    assert result_card(page).startswith("Gross – Fees of what is closed – Net –")
    assert "Held – still open" in words(page)


def test_the_result_of_what_is_closed_in_part_adds_up(who, alice):
    import_small(who.workspace)
    part = trade_of(who.workspace, "ACME", closed_at=None)
    page = alice.get(f"/trades/{part.pk}")
    assert part.fees == Decimal(2)
    assert result_card(page).startswith(
        "Gross +4.00 USD Fees of what is closed −1.40 USD Net +2.60 USD"
    )


def test_every_line_shows_the_row_that_reported_it(who, alice):
    import_small(who.workspace)
    fill = fill_of(who.workspace, "2")
    page = words(alice.get(f"/trades/{trade_of(who.workspace, 'ACME').pk}"))
    assert "Statement: statement.xml, row" in page
    row = words(alice.get(f"/evidence/{fill.report_id}"))
    assert "tradePrice 12" in row
    assert "Row" in row


def test_one_goes_from_trade_to_trade(who, alice):
    import_small(who.workspace)
    with scope(workspace=who.workspace):
        order = list(Trade.objects.order_by("-last_at", "-id").values_list("pk", flat=True))
    page = alice.get(f"/trades/{order[1]}").content.decode()
    assert re.search(rf'href="/trades/{order[0]}" rel="prev"', page)
    assert re.search(rf'href="/trades/{order[2]}" rel="next"', page)


def test_a_stranger_finds_nothing(who):
    import_small(who.workspace)
    trade, fill = trade_of(who.workspace, "ACME"), fill_of(who.workspace, "1")
    charlie = people.browser(who.charlie)
    for url in (f"/trades/{trade.pk}", f"/evidence/{fill.report_id}", f"/fills/{fill.pk}/correct"):
        assert charlie.get(url).status_code == 404
    assert charlie.post(f"/trades/{trade.pk}/notes", {"text": "mine"}).status_code == 404
    assert charlie.post(f"/trades/{trade.pk}/tags", {"name": "mine"}).status_code == 404


def test_a_viewer_reads_and_is_offered_no_way_to_write(who, bob):
    import_small(who.workspace)
    trade, fill = trade_of(who.workspace, "ACME"), fill_of(who.workspace, "1")
    page = bob.get(f"/trades/{trade.pk}").content.decode()
    assert "Save the note" not in page
    assert "Correct this fill" not in page
    assert bob.post(f"/trades/{trade.pk}/notes", {"text": "x"}).status_code == 403
    assert bob.post(f"/trades/{trade.pk}/tags", {"name": "x"}).status_code == 403
    assert bob.get(f"/fills/{fill.pk}/correct").status_code == 403


def test_a_note_is_written_changed_and_deleted_without_scripts(who, alice):
    import_small(who.workspace)
    trade = trade_of(who.workspace, "ACME")
    response = alice.post(f"/trades/{trade.pk}/notes", {"text": "Held **too** long"})
    assert (response.status_code, response.url) == (303, f"/trades/{trade.pk}#notes")
    assert "Held <strong>too</strong> long" in alice.get(f"/trades/{trade.pk}").content.decode()
    with scope(workspace=who.workspace):
        note = TradeNote.objects.get()
    assert "Held **too** long" in alice.get(f"/notes/{note.pk}").content.decode()
    assert alice.post(f"/notes/{note.pk}", {"text": "Fine"}).status_code == 303
    assert "Fine" in words(alice.get(f"/trades/{trade.pk}"))
    assert alice.post(f"/notes/{note.pk}/delete").status_code == 303
    assert "Fine" not in words(alice.get(f"/trades/{trade.pk}"))
    assert alice.post(f"/trades/{trade.pk}/notes", {"text": "  "}).status_code == 422


def test_a_character_that_the_database_cannot_keep_is_left_out(who, alice):
    import_small(who.workspace)
    trade = trade_of(who.workspace, "CORE")
    assert alice.post(f"/trades/{trade.pk}/notes", {"text": "to\0o long"}).status_code == 303
    assert alice.post(f"/trades/{trade.pk}/tags", {"name": "la\0te"}).status_code == 303
    with scope(workspace=who.workspace):
        note = TradeNote.objects.get()
        assert (note.text, Tag.objects.get().name) == ("too long", "late")
    assert alice.post(f"/notes/{note.pk}", {"text": "\0"}).status_code == 422


def test_a_note_comes_back_as_a_fragment_to_htmx(who, alice):
    import_small(who.workspace)
    trade = trade_of(who.workspace, "ACME")
    response = alice.post(f"/trades/{trade.pk}/notes", {"text": "Quick"}, headers=HTMX)
    html = response.content.decode()
    assert html.lstrip().startswith('<div id="notes"')
    assert "Quick" in html
    assert "Note saved" in response.headers["HX-Trigger"]


def test_a_note_can_do_no_harm():
    html = markdown(
        '<script>x()</script> <b onclick="x()">b</b> [a](javascript:x) ![i](https://e.org/i)'
    )
    assert "<script" not in html
    assert "<b " not in html
    assert "javascript:" not in re.sub(r">[^<]*<", "><", html)
    assert "<img" not in html


def test_tags_are_put_on_offered_again_and_taken_off(who, alice):
    import_small(who.workspace)
    trade, other = trade_of(who.workspace, "ACME"), trade_of(who.workspace, "BOLT")
    assert alice.post(f"/trades/{trade.pk}/tags", {"name": "late  entry"}).status_code == 303
    response = alice.post(f"/trades/{trade.pk}/tags", {"name": "A+"}, headers=HTMX)
    assert 'id="tags"' in response.content.decode()
    assert '<option value="late entry">' in alice.get(f"/trades/{other.pk}").content.decode()
    with scope(workspace=who.workspace):
        tag = Tag.objects.get(name="A+")
    assert alice.post(f"/trades/{trade.pk}/tags/{tag.pk}/remove").status_code == 303
    page = words(alice.get(f"/trades/{trade.pk}"))
    assert "late entry" in page
    assert "A+" not in page


def form_of(alice, fill) -> dict[str, str]:
    html = alice.get(f"/fills/{fill.pk}/correct").content.decode()
    values = dict(re.findall(r'name="(\w+)" [^>]*?value="([^"]*)"', html))
    side = re.search(r'<option value="(\w+)" selected', html).group(1)
    values.pop("csrfmiddlewaretoken", None)
    return {**values, "side": side, "kind": "amend"}


def test_a_fill_is_corrected_shown_as_such_and_withdrawn(who, alice):
    import_small(who.workspace)
    before = book_of(who.workspace)
    fill, trade = fill_of(who.workspace, "2"), trade_of(who.workspace, "ACME")
    form = {**form_of(alice, fill), "price": "13", "reason": "The broker confirmed 13."}
    response = alice.post(f"/fills/{fill.pk}/correct", form)
    assert (response.status_code, response.url) == (303, f"/trades/{trade.pk}")
    page = alice.get(f"/trades/{trade.pk}")
    text = words(page)
    assert "Corrected" in text
    assert "“The broker confirmed 13.” – alice" in text
    assert "Price: reported 12 , booked 13" in text
    assert sum_row(page) == "+28.00 USD"
    with scope(workspace=who.workspace):
        correction = Correction.objects.get()
        assert ExecutionReport.objects.get(pk=fill.report_id).price == 12
    assert "The broker confirmed 13." in words(alice.get("/corrections"))
    assert alice.post(f"/corrections/{correction.pk}/withdraw").status_code == 303
    assert book_of(who.workspace) == before


def test_a_cost_that_the_row_leaves_open_is_no_correction_of_it(who, alice):
    import_now(who.workspace, statement(fill(taxes="-0.5")))
    import_now(who.workspace, statement(fill(ibCommission="", taxes="", tradePrice="10.0")))
    booked = fill_of(who.workspace, "100")
    assert (booked.fee, booked.tax) == (1, Decimal("0.5"))
    form = {**form_of(alice, booked), "price": "9", "reason": "because"}
    for price, fee in (("9", "1"), ("9", "2"), ("8", "2")):
        alice.post(f"/fills/{booked.pk}/correct", form | {"price": price, "fee": fee})
    with scope(workspace=who.workspace):
        found = [one.changes for one in Correction.objects.order_by("pk")]
    assert found == [{"price": "9"}, {"price": "9", "fee": "2"}, {"price": "8", "fee": "2"}]
    assert "Fee: reported" in words(alice.get(f"/trades/{trade_of(who.workspace, 'ACME').pk}"))


def test_a_fill_left_out_is_named_where_it_is_missing(who, alice):
    import_small(who.workspace)
    before = book_of(who.workspace)
    fill = fill_of(who.workspace, "6")
    form = {**form_of(alice, fill), "kind": "exclude", "reason": "Never happened"}
    response = alice.post(f"/fills/{fill.pk}/correct", form)
    assert response.url == "/corrections"
    trade = trade_of(who.workspace, "ACME", closed_at=None)
    text = words(alice.get(f"/trades/{trade.pk}"))
    assert "is left out: “Never happened” – alice" in text
    assert "Book it again" in text
    with scope(workspace=who.workspace):
        correction = Correction.objects.get()
    alice.post(f"/corrections/{correction.pk}/withdraw")
    assert book_of(who.workspace) == before


@pytest.mark.parametrize(
    ("changes", "words_"),
    [
        ({"reason": "  "}, "Say why"),
        ({"price": "cheap"}, "The price is not a number"),
        ({"quantity": "0"}, "more than 0"),
        ({"quantity": "1e99999999"}, "not a number of a fill"),
        ({"executed_at": "yesterday"}, "The time is written like"),
        ({"side": "up"}, "buy or sell"),
        ({"kind": "erase"}, "Leave the fill out"),
        ({}, "as it was reported"),
    ],
)
def test_a_correction_that_cannot_be_comes_back_with_the_reason(who, alice, changes, words_):
    import_small(who.workspace)
    before = book_of(who.workspace)
    fill = fill_of(who.workspace, "2")
    form = {**form_of(alice, fill), "reason": "because", **changes}
    response = alice.post(f"/fills/{fill.pk}/correct", form)
    assert response.status_code == 422
    assert words_ in response.content.decode()
    assert book_of(who.workspace) == before


def test_a_fill_moved_in_time_stays_moved_when_later_fills_come(who):
    import_small(who.workspace)
    fill = fill_of(who.workspace, "1")
    with scope(workspace=who.workspace):
        correct_fill(
            fill,
            kind="amend",
            changes={"executed_at": "2026-06-02T13:45:00+00:00"},
            reason="The clock was wrong",
            author_id=None,
        )
    import_now(who.workspace, statement(*fills(("20260602;095000", "ACME", "10", "10"), start=90)))
    with scope(workspace=who.workspace):
        moved = Execution.objects.get(broker_id="1")
        assert moved.executed_at.isoformat() == "2026-06-02T13:45:00+00:00"
        whole = book_of(who.workspace)
        rebook_account(moved.account)
        assert book_of(who.workspace) == whole
        correction = Correction.objects.get()
        withdraw_correction(correction)
        withdraw_correction(correction)
        assert Execution.objects.get(broker_id="1").executed_at == fill.executed_at


def test_a_second_correction_takes_the_place_of_the_first(who):
    import_small(who.workspace)
    fill = fill_of(who.workspace, "2")
    with scope(workspace=who.workspace):
        for price in ("13", "14", "14"):
            correct_fill(fill, kind="amend", changes={"price": price}, reason="x", author_id=None)
        assert Correction.objects.filter(withdrawn_at=None).count() == 1
        assert Correction.objects.count() == 2
        assert Execution.objects.get(broker_id="2").price == 14
        with pytest.raises(Rejected):
            correct_fill(fill, kind="amend", changes={"colour": "1"}, reason="x", author_id=None)


def test_the_number_of_queries_is_the_same_for_two_fills_and_for_many(
    who, alice, django_assert_max_num_queries
):
    import_many(who.workspace, 60)
    rows = [(f"20260901;09{30 + n // 60:02d}{n % 60:02d}", "MANY", "1", "10") for n in range(80)]
    rows.append(("20260901;150000", "MANY", "-80", "11"))
    import_now(who.workspace, statement(*fills(*rows, start=5000)))
    trade = trade_of(who.workspace, "MANY")
    assert trade.net_pnl == Decimal("-1.00")
    alice.get(f"/trades/{trade.pk}")
    with django_assert_max_num_queries(TRADE_QUERIES):
        alice.get(f"/trades/{trade.pk}")


def test_what_was_held_before_the_statement_has_no_price_and_says_where_it_comes_from(who):
    position = {
        "currency": "USD", "assetCategory": "STK", "symbol": "ACME", "conid": "7001",
        "position": "6", "reportDate": "20260630", "levelOfDetail": "SUMMARY",
    }  # fmt: skip
    sold = fill(buySell="SELL", quantity="-4", fifoPnlRealized="7", openCloseIndicator="C")
    import_now(who.workspace, statement(sold))
    import_now(who.workspace, statement(element("OpenPosition", position), section="OpenPositions"))
    with scope(workspace=who.workspace):
        opening = Execution.objects.get(kind="opening")
    page = people.browser(who.alice).get(f"/trades/{opening.leg_id}").content.decode()
    assert "its own fills are not known" in page
    assert "the position that the broker states" in page
    rows = people.bot(who.alice, Scope.JOURNAL_READ).get("/api/executions").json()["results"]
    assert {row["kind"]: (row["price"], row["net_pnl"]) for row in rows} == {
        "opening": (None, "0"),
        "trade": ("10", "7"),
    }
