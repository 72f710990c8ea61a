"""The history report of MetaTrader 5. Figures of the samples were worked out by hand."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashKind,
    CashRow,
    ExecutionRow,
    NavRow,
    OtherRow,
    ParseOptions,
    ProblemRow,
    Record,
    ReportKind,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import detect, get_parser
from journal.domain.values import LotMethod, PositionEffect, Side
from tests.brokers import reading
from tests.brokers.mt5_report.reports import (
    DEALS,
    deal,
    lines_of,
    money,
    page,
)
from tests.brokers.reading import of, problem_codes
from tests.brokers.workbooks import packed, workbook

SAMPLES = reading.SAMPLES / "mt5_report" / "samples"
DAY = "2026.03.02 "


def parse(data, **options) -> list[Record]:
    return reading.parse(data, "mt5_report", **options)


def hedging() -> list[Record]:
    return parse(SAMPLES / "hedging.html")


def by_deal(records: list[Record]) -> dict[str, ExecutionRow]:
    return {one.broker_id: one for one in of(ExecutionRow, records)}


def trip(profit: str, *, symbol: str = "EURUSD", prices=("1.10000", "1.10100"), **costs) -> list:
    """A purchase of one lot and its sale."""
    return [
        deal(DAY + "10:00:00", "1", symbol, "buy", "in", "1.00", prices[0], "11"),
        deal(
            DAY + "11:00:00", "2", symbol, "sell", "out", "1.00", prices[1], "12", profit, **costs
        ),
    ]


def test_the_head_names_the_account():
    (info,) = of(StatementInfo, hedging())
    assert (info.account_id, info.base_currency, info.account_alias) == (
        "700100",
        "USD",
        "Sample-Live",
    )
    assert (info.is_hedging, info.lot_method) == (True, LotMethod.AVERAGE)
    assert info.generated_at == datetime(2026, 3, 6, 20, 10, tzinfo=UTC)
    assert "Sample Person" not in str(hedging())


def test_every_row_ends_as_some_record():
    records = hedging()
    assert len(of(ExecutionRow, records)) + len(of(CashRow, records)) + 1 == 19
    sections = [one.section for one in of(OtherRow, records)]
    assert sections.count("Positions") == 4
    assert sections.count("Totals") == 1
    assert problem_codes(records) == {"contract_unknown": 1, "quoted_in_points": 1}


@pytest.mark.parametrize(
    ("ticket", "position", "fee", "net"),
    [
        # 0.5 lots were opened for 1.75; 0.2 of them are sold 25 points higher: 50.00 - 0.70 - 0.40 - 0.70.
        ("9007", "5001", "1.10", "48.20"),
        ("9008", "5001", "1.20", "-32.25"),
        # Closed by one another: one of the two deals has all of the profit.
        ("9005", "5002", "0", "5.00"),
        ("9006", "5003", "0", "0.00"),
        ("9016", "5007", "0", "105.00"),
    ],
)
def test_a_deal_closes_its_own_position_at_the_stated_profit(ticket, position, fee, net):
    row = by_deal(hedging())[ticket]
    assert row.trade_id == f"position:{position}"
    assert (row.fee, row.stated_pnl) == (Decimal(fee), Decimal(net))
    assert row.effect is PositionEffect.CLOSE


def test_a_pair_in_another_currency_has_the_rate_that_its_profit_states():
    opening, closing = (by_deal(hedging())[one] for one in ("9009", "9010"))
    assert closing.instrument.currency == "JPY"
    quoted = (opening.price - closing.price) * closing.quantity * closing.instrument.multiplier
    assert quoted == 5000
    assert round(quoted * closing.fx_rate, 10) == Decimal("33.44")
    # What opening cost is worth the same when it closes.
    assert opening.fx_rate == closing.fx_rate
    assert round(closing.stated_pnl * closing.fx_rate, 10) == Decimal("33.44") - Decimal("0.60")


def test_what_is_quoted_in_no_known_currency_is_booked_in_points():
    row = by_deal(hedging())["9012"]
    assert (row.instrument.currency, row.instrument.multiplier) == ("PTS", 1)
    assert row.quantity * 10 * row.fx_rate == Decimal("21.69")


def test_what_one_lot_is_follows_from_the_deals():
    assert by_deal(hedging())["9015"].instrument.multiplier == 100
    (problem,) = (one for one in of(ProblemRow, hedging()) if one.code == "contract_unknown")
    assert problem.raw["Symbol"] == "US500"
    assert problem.row == 30


@pytest.mark.parametrize(
    ("profit", "size"), [("0.01", "1"), ("1.00", "100"), ("0.25", "25"), ("500.00", "50000")]
)
def test_the_size_of_a_lot_is_the_round_number_that_fits(profit, size):
    records = parse(page(lines_of(trip(profit, symbol="ABC", prices=("1.00", "1.01")))))
    assert by_deal(records)["2"].instrument.multiplier == Decimal(size)
    assert ("contract_size_assumed" in problem_codes(records)) is (Decimal(profit) < Decimal("0.5"))


def test_a_pair_whose_deals_contradict_the_usual_lot_is_what_they_say():
    row = by_deal(parse(page(lines_of(trip("10.00")))))["2"]
    assert (row.instrument.multiplier, row.instrument.broker_id) == (10_000, "EURUSD:USD:10000")


def test_the_balance_is_the_sum_of_everything():
    records = hedging()
    costs = sum(one.fee for one in of(ExecutionRow, records))
    cash = sum(one.amount for one in of(CashRow, records))
    profits = sum(Decimal(one.raw["Profit"].replace(" ", "")) for one in of(ExecutionRow, records))
    (balance,) = of(CashBalanceRow, records)
    assert cash + profits - costs == balance.ending_cash == Decimal("9802.18")
    (nav,) = of(NavRow, records)
    assert (nav.total, str(nav.reported_on)) == (Decimal("9802.18"), "2026-03-06")


def test_money_that_comes_and_goes():
    found = [(one.kind, one.amount) for one in of(CashRow, hedging())]
    assert found == [
        (CashKind.DEPOSIT, 10_000),
        (CashKind.OTHER, 100),
        (CashKind.WITHDRAWAL, -500),
    ]


@pytest.mark.parametrize(
    ("kind", "amount", "meant"),
    [
        ("charge", "-3.00", CashKind.FEE),
        ("interest", "2.00", CashKind.INTEREST_RECEIVED),
        ("interest", "-2.00", CashKind.INTEREST_PAID),
        ("correction", "-1.00", CashKind.ADJUSTMENT),
        ("commission daily", "-1.00", CashKind.FEE),
        ("dividend franked", "1.00", CashKind.DIVIDEND),
        ("tax", "-1.00", CashKind.TAX),
        ("so compensation", "1.00", CashKind.OTHER),
    ],
)
def test_every_operation_is_some_kind_of_cash(kind, amount, meant):
    records = parse(page(lines_of([money(DAY + "10:00:00", "1", kind, amount)])))
    (row,) = of(CashRow, records)
    assert (row.kind, row.amount) == (meant, Decimal(amount))
    assert ("unknown_cash_type" in problem_codes(records)) is (meant is CashKind.OTHER)


def test_a_netting_account_has_one_position_per_symbol():
    records = parse(SAMPLES / "netting.xlsx")
    assert of(StatementInfo, records)[0].is_hedging is False
    rows = by_deal(records)
    assert not any(row.trade_id for row in rows.values())
    # 2 lots at 1.10100 on average cost 6.00; one is sold at 1.10300 for 3.00.
    assert rows["8004"].stated_pnl == 200 - 3 - 3
    # 1.5 lots turn 1 long into 0.5 short: two thirds of 4.50 are about what closed.
    assert rows["8005"].effect is PositionEffect.CLOSE_OPEN
    assert rows["8005"].stated_pnl == -100 - 3 - 3
    # The other third, and 1.50.
    assert rows["8006"].stated_pnl == 50 - Decimal("1.5") - Decimal("1.5")


def test_page_and_workbook_say_the_same():
    lines = lines_of(trip("100.00", commission="-7.00", comment="note"))

    def essence(records):
        return [one._replace(raw={}) for one in records if type(one) in (ExecutionRow, CashRow)]

    assert essence(parse(page(lines))) == essence(parse(workbook(lines)))
    assert len(essence(parse(page(lines)))) == 2


def test_a_position_that_was_opened_before_the_file_is_known_from_the_list():
    sale = trip("33.44", symbol="USDJPY", prices=("0", "150.500"))[1:]
    held = [
        DAY + "09:00:00",
        "77",
        "USDJPY",
        "buy",
        "1.00",
        "150.450",
        "",
        "",
        DAY + "11:00:00",
        "150.500",
        "0.00",
        "0.00",
        "33.44",
    ]
    row = by_deal(parse(page(lines_of(sale, [held]))))["2"]
    assert row.trade_id == "position:77"
    assert round(row.fx_rate * 5000, 10) == Decimal("33.44")
    alone = by_deal(parse(page(lines_of(sale))))["2"]
    assert (alone.fx_rate, alone.stated_pnl) == (None, None)


def test_of_several_positions_the_one_is_taken_whose_profit_fits():
    deals = [
        deal(DAY + "10:00:00", "1", "EURUSD", "buy", "in", "1.00", "1.10000", "11"),
        deal(DAY + "10:00:01", "2", "EURUSD", "buy", "in", "1.00", "1.10500", "12"),
        deal(DAY + "11:00:00", "3", "EURUSD", "sell", "out", "0.50", "1.10600", "13", "50.00"),
        deal(DAY + "12:00:00", "4", "EURUSD", "sell", "out", "0.50", "1.10600", "14", "50.00"),
    ]
    listed = [
        DAY + "10:00:01",
        "12",
        "EURUSD",
        "buy",
        "1.00",
        "1.10500",
        "",
        "",
        DAY + "12:00:00",
        "1.10600",
        "0.00",
        "0.00",
        "100.00",
    ]
    records = parse(page(lines_of(deals, [listed])))
    assert {by_deal(records)[one].trade_id for one in "34"} == {"position:12"}
    assert problem_codes(records)["position_guessed"] == 1


def test_a_profit_that_does_not_follow_from_the_prices_is_told():
    good = [
        deal(DAY + f"0{n}:00:00", f"{n}{e}", "EURUSD", k, e2, "1.00", p, f"{n}", pr)
        for n in (1, 2)
        for e, k, e2, p, pr in (
            ("1", "buy", "in", "1.1", "0.00"),
            ("2", "sell", "out", "1.2", "10000.00"),
        )
    ]
    assert not problem_codes(parse(page(lines_of(good))))
    odd = trip("-7.00", symbol="EURGBP")
    assert problem_codes(parse(page(lines_of(odd)))) == {"profit_without_price": 1}


def test_a_deal_that_was_taken_back_cancels_itself():
    deals = [
        *trip("100.00"),
        deal(DAY + "12:00:00", "3", "EURUSD", "buy canceled", "", "1.00", "1.10000", "13"),
    ]
    row = by_deal(parse(page(lines_of(deals))))["3"]
    assert (row.report, row.original_ids, row.side) == (ReportKind.CANCEL, ("3",), Side.BUY)


@pytest.mark.parametrize(
    ("place", "text", "code"),
    [
        (0, "yesterday", "bad_date"),
        (0, "", "no_date"),
        (2, "", "no_symbol"),
        (4, "sideways", "no_direction"),
        (5, "many", "bad_number"),
        (5, "", "no_quantity"),
        (6, "", "no_price"),
        (11, "1.2.3", "bad_number"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_others_are_read(place, text, code):
    lines = lines_of([*trip("100.00"), money(DAY + "12:00:00", "9", "balance", "5.00")])
    row = next(line for line in lines if line[1:2] == ["2"])
    row[place] = text
    records = parse(page(lines))
    (problem,) = (one for one in of(ProblemRow, records) if one.code == code)
    assert "deal 2" in problem.message
    assert len(of(CashRow, records)) == 1


def test_numbers_in_other_notations():
    lines = lines_of(trip("1100.00", prices=("1.10000", "1.11100")))
    for line in lines:
        for place, cell in enumerate(line):
            if re.fullmatch(r"[\d ]+\.\d+", cell):
                line[place] = re.sub(r"^1 ?(\d{3})\.", "1\u202f\\1.", cell).replace(".", ",")
    row = by_deal(parse(page(lines)))["2"]
    assert (row.price, row.stated_pnl) == (Decimal("1.111"), 1100)


def test_russian_reports_are_read():
    words = {
        "Time": "Время", "Deal": "Сделка", "Symbol": "Символ", "Type": "Тип", "Direction": "Направление",
        "Volume": "Объем", "Price": "Цена", "Order": "Ордер", "Commission": "Комиссия", "Fee": "Сбор",
        "Swap": "Своп", "Profit": "Прибыль", "Balance": "Баланс", "Comment": "Комментарий", "Position": "Позиция",
        "Account:": "Торговый счет:", "Trade History Report": "Отчет торговой истории",
    }  # fmt: skip
    lines = [[words.get(cell, cell) for cell in line] for line in lines_of(trip("100.00"))]
    text = page(lines).replace("Trade History Report", "Отчет торговой истории")
    assert detect(text.encode("utf-16"), "").slug == "mt5_report"
    assert by_deal(parse(text.encode("utf-16")))["2"].stated_pnl == 100


def test_the_zone_is_the_chosen_one():
    data = page(lines_of(trip("100.00")))
    assert by_deal(parse(data))["1"].executed_at == datetime(2026, 3, 2, 8, tzinfo=UTC)
    chosen = by_deal(parse(data, zone="Etc/GMT-3"))["1"]
    assert (chosen.executed_at.hour, chosen.zone) == (7, "Etc/GMT-3")
    own = parse(data, zone="UTC", zone_by_account={"700100": "America/New_York"})
    assert by_deal(own)["1"].executed_at.hour == 15
    with pytest.raises(UnreadableStatement):
        parse(data, zone="Mars/Base")


def test_a_large_workbook_is_known_before_its_end_is_there():
    """Where the texts lie behind the sheet, 64 KiB may not reach them."""
    deals = [
        deal(
            DAY + "10:00:00",
            str(n),
            f"S{n * 7919 % 9973}",
            "buy",
            "in",
            f"{n % 97}.{n % 89:02}",
            f"{n * 31 % 7919}.5",
            str(n),
        )
        for n in range(1, 6000)
    ]
    data = workbook(lines_of(deals))
    with_texts_last = _reordered(data)
    assert len(data) > 200_000
    assert detect(data[: 64 * 1024], "").slug == "mt5_report"
    assert detect(with_texts_last[: 64 * 1024], "").slug == "mt5_report"


def _reordered(data: bytes) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = sorted(archive.namelist(), key=lambda name: "shared" in name)
    return packed({name: archive.read(name).decode() for name in names})


def test_another_workbook_is_not_taken_for_a_report():
    other = workbook([["Orders"], ["Time", "Symbol", "Price"], ["2026-01-01", "ABC", "1.5"]])
    assert detect(other, "ReportHistory.xlsx").slug != "mt5_report"


@pytest.mark.parametrize("data", [b"<html><table></table></html>", page([DEALS[:5]]).encode()])
def test_a_page_without_deals_is_refused_with_what_to_do(data):
    with pytest.raises(UnreadableStatement, match="History tab") as refusal:
        parse(data)
    assert refusal.value.code == "no_deals"


def test_half_a_report_is_refused():
    data = (SAMPLES / "hedging.html").read_bytes()
    with pytest.raises(UnreadableStatement, match="half a file"):
        list(get_parser("mt5_report").parse(io.BytesIO(data[:-400]), ParseOptions()))


class TestCorpus:
    """Somebody's report of a hedging account, with the oracle that is inside: profits, running balance, results."""

    @pytest.fixture
    def records(self) -> list[Record]:
        return parse(reading.corpus_folder("mt5") / "report_history.xlsx")

    def test_it_is_found_by_content(self):
        data = (reading.corpus_folder("mt5") / "report_history.xlsx").read_bytes()
        assert detect(data[: 64 * 1024], "x").slug == "mt5_report"

    def test_each_profit_is_the_stated_one_to_the_cent(self, records):
        rows = by_deal(records)
        opened = {row.trade_id: row for row in rows.values() if row.effect is PositionEffect.OPEN}
        closing = [row for row in rows.values() if row.effect is PositionEffect.CLOSE]
        assert len(closing) == 3
        for row in closing:
            points = opened[row.trade_id].price - row.price
            profit = points * row.quantity * row.instrument.multiplier * row.fx_rate
            assert round(profit, 2) == Decimal(row.raw["Profit"])

    def test_the_balance_runs_as_stated_and_the_results_hold(self, records):
        balance = Decimal(0)
        for row in records:
            if isinstance(row, CashRow):
                balance += row.amount
            elif isinstance(row, ExecutionRow):
                balance += Decimal(row.raw["Profit"]) - row.fee
            else:
                continue
            assert balance == Decimal(row.raw["Balance"])
        results = {k: v for one in of(OtherRow, records) for k, v in one.raw.items()}
        net = [
            round(one.stated_pnl * one.fx_rate, 2)
            for one in of(ExecutionRow, records)
            if one.stated_pnl
        ]
        assert sum(net) == Decimal(results["Total Net Profit"]) == Decimal("30.85")
        assert sum(one for one in net if one > 0) == Decimal(results["Gross Profit"])
        assert of(CashBalanceRow, records)[0].ending_cash == balance
        assert not of(ProblemRow, records)
