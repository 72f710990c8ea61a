"""Activity statements of our own making: accounts, periods, cash and positions, with figures worked out by hand."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    CashBalanceRow,
    CashKind,
    CashRow,
    ClosedLotRow,
    CorporateActionRow,
    ExecutionRow,
    NavRow,
    ParseOptions,
    PositionRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.ibkr_activity.facts import read_period
from journal.brokers.registry import detect, get_parser
from journal.domain.corporate import ActionKind
from tests.brokers.ibkr_activity.statements import (
    ACCOUNTS,
    FULL,
    GERMAN,
    TRADES,
    read,
    rows,
)
from tests.brokers.reading import of, problem_codes

# -- statement and accounts --------------------------------------------------------------------------


def test_the_statement_says_whose_it_is_and_of_which_days():
    [info] = of(StatementInfo, read(FULL))
    assert (info.account_id, info.account_alias, info.base_currency) == ("U7000042", "main", "EUR")
    assert (info.from_on, info.to_on) == (date(2026, 1, 1), date(2026, 3, 31))
    assert info.generated_at == datetime(2026, 4, 1, 9, 10, 11, tzinfo=UTC)
    # The journal looks there for a currency that is stated, not derived.
    assert info.raw["currency"] == "EUR"


def test_names_and_addresses_are_dropped():
    text = repr(read(FULL))
    # A description of a payment is kept as it is.
    assert "Example Street" not in text
    assert "'Pat Example'" not in text


def test_rows_of_several_accounts_go_to_their_own():
    records = read(ACCOUNTS)
    assert [one.account_id for one in of(StatementInfo, records)] == ["U7000051", "U7000052"]
    assert len({one.row for one in of(StatementInfo, records)}) == 1
    assert [(one.row, one.account_id) for one in of(ExecutionRow, records)] == [
        (3, "U7000051"), (7, "U7000052"), (12, "U7000052"), (13, "U7000052"), (15, "U7000052"), (17, "U7000051"),
    ]  # fmt: skip
    # Closed lots name no account: they are of the trade above them.
    assert [one.account_id for one in of(ClosedLotRow, records)] == [
        "U7000051", "U7000052", "U7000052",
    ]  # fmt: skip


def test_a_file_without_account_is_read_for_an_account_that_somebody_chooses():
    records = read(rows("Trade", 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1,5,-5,-1,6,0,O'))
    assert [one.account_id for one in of(StatementInfo, records)] == [""]
    assert not problem_codes(records)


def test_two_statements_in_one_file_keep_their_own_accounts():
    one = "Statement,Header,Field Name,Field Value\nStatement,Data,Title,Activity Statement\n"
    text = "".join(
        f"{one}Account Information,Header,Field Name,Field Value\nAccount Information,Data,Account,{account}\n"
        + rows("Trade", 'Stocks,USD,ACME,"2026-01-05, 09:30:00",NYSE,1,5,-5,-1,6,0,O')
        for account in ("U7000001", "U7000002")
    )
    records = read(text)
    assert [info.account_id for info in of(StatementInfo, records)] == ["U7000001", "U7000002"]
    assert [info.row for info in of(StatementInfo, records)] == [1, 7]
    assert [row.account_id for row in of(ExecutionRow, records)] == ["U7000001", "U7000002"]


def test_a_statement_of_nothing_is_one_too():
    [info] = read(
        "Statement,Header,Field Name,Field Value\nStatement,Data,Title,Activity Statement\n"
        "Account Information,Header,Field Name,Field Value\nAccount Information,Data,Account,U7000001\n"
    )
    assert info.account_id == "U7000001"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("January 1, 2026 - March 31, 2026", date(2026, 1, 1), date(2026, 3, 31)),
        ("Enero 1, 2024 - Diciembre 31, 2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("März 3, 2025 - Juni 30, 2025", date(2025, 3, 3), date(2025, 6, 30)),
        ("Mai 2, 2025 - Juli 1, 2025", date(2025, 5, 2), date(2025, 7, 1)),
        ("Juin 2, 2025 - Août 1, 2025", date(2025, 6, 2), date(2025, 8, 1)),
        ("Январь 1, 2026 - Март 15, 2026", date(2026, 1, 1), date(2026, 3, 15)),
        ("一月 1, 2026 - 十一月 29, 2026", date(2026, 1, 1), date(2026, 11, 29)),
        ("十二月 29, 2026", date(2026, 12, 29), date(2026, 12, 29)),
        ("September 14, 2026", date(2026, 9, 14), date(2026, 9, 14)),
        ("Smarch 13, 2026", None, None),
        ("January 2026", None, None),
    ],
)
def test_periods_in_the_languages_that_are_known(text, first, last):
    assert read_period(text) == (first, last)


# -- everything else -----------------------------------------------------------------------------------


def test_cash_movements():
    cash = of(CashRow, read(FULL))
    assert [(one.kind, one.amount, one.currency, one.is_reversal) for one in cash] == [
        (CashKind.DEPOSIT, 10000, "EUR", False),
        (CashKind.WITHDRAWAL, -250, "EUR", False),
        (CashKind.FEE, Decimal("-1.5"), "USD", False),
        (CashKind.INTEREST_RECEIVED, Decimal("3.21"), "EUR", False),
        (CashKind.INTEREST_PAID, Decimal("-0.73"), "USD", False),
        (CashKind.DIVIDEND, 6, "USD", False),
        (CashKind.PAYMENT_IN_LIEU, Decimal("1.5"), "USD", False),
        (CashKind.DIVIDEND, -6, "USD", True),
        (CashKind.WITHHOLDING_TAX, Decimal("-0.9"), "USD", False),
        (CashKind.WITHHOLDING_TAX, Decimal("0.9"), "USD", True),
    ]
    dividend = cash[5]
    assert (dividend.instrument.broker_id, dividend.instrument.currency) == ("900101", "USD")
    assert dividend.reported_on == date(2026, 2, 20)


def test_a_split():
    [split] = of(CorporateActionRow, read(FULL))
    assert (split.kind, split.ratio, split.signed_quantity) == (ActionKind.SPLIT, 4, 30)
    assert (split.instrument.broker_id, split.reported_on) == ("900202", date(2026, 3, 3))
    assert split.effective_at == datetime(2026, 3, 3, 1, 25, tzinfo=UTC)


def test_positions_are_of_the_last_day_and_currencies_are_no_positions():
    summary, lot = of(PositionRow, read(FULL))
    assert (summary.signed_quantity, summary.cost, summary.is_lot) == (60, Decimal("1500.6"), False)
    assert summary.reported_on == date(2026, 3, 31)
    assert (lot.is_lot, lot.opened_at) == (True, datetime(2026, 1, 5, 14, 30, 1, tzinfo=UTC))


def test_cash_and_net_asset_value_at_the_end():
    records = read(FULL)
    assert [
        (one.currency, one.is_base, one.ending_cash, one.ending_settled_cash)
        for one in of(CashBalanceRow, records)
    ] == [
        ("BASE_SUMMARY", True, Decimal("9120.5"), Decimal("9000.5")),
        ("USD", False, Decimal("-1234.5"), -1200),
    ]
    assert [(one.reported_on, one.total) for one in of(NavRow, records)] == [
        (date(2026, 3, 31), Decimal("11100.5"))
    ]


def test_every_line_ends_as_a_record_or_in_the_statement():
    """Headers name columns; the fields of the statement and the account are in its StatementInfo."""
    records = read(FULL)
    known = {one.row for one in records}
    for number, line in enumerate(FULL.read_text().splitlines(), start=1):
        if not re.match(r"\ufeff?(Statement|Account Information),|[^,]+,Header,", line):
            assert number in known, line


def test_problems_of_the_sample_are_the_ones_that_were_put_there():
    assert problem_codes(read(FULL)) == {"bad_number": 1, "unknown_section": 1}


# -- recognition and refusals ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"Statement,Header,Field Name,Field Value\n",
        b"\xef\xbb\xbfStatement,Header,Nom champ,Valeur champ\n",
        '"Statement","Header","Название поля","Значение поля"\n'.encode(),
        TRADES.encode(),
        TRADES.encode("utf-16"),
    ],
)
def test_recognised_by_content(head):
    assert detect(head, "whatever.txt").slug == "ibkr_activity"


@pytest.mark.parametrize(
    "head",
    [
        b"Buy/Sell,TradeDate,ISIN,Quantity\n",
        b"Statement of account\n",
        b"Date,Header,Data\n1,2,3\n",
        b"Account,Header,AccountNumber,AccountAlias\nDividendDetail,Header,DataDiscriminator,Currency,Symbol\n",
    ],
)
def test_what_only_looks_alike_is_left_to_others(head):
    assert not get_parser("ibkr_activity").recognises(head, "activity.csv")


def test_a_table_that_is_no_statement_is_refused():
    with pytest.raises(UnreadableStatement) as refused:
        read("Date,Symbol\n2026-01-01,ACME\n")
    assert refused.value.code == "not_activity"


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(UnreadableStatement) as refused:
        read(FULL, zone="Mars/Olympus")
    assert refused.value.code == "unknown_time_zone"


def test_a_stream_that_cannot_go_back_is_read_all_the_same():
    class OneWay(io.RawIOBase):
        def __init__(self) -> None:
            self.held = io.BytesIO(FULL.read_bytes())

        def readable(self) -> bool:
            return True

        def readinto(self, buffer) -> int:
            return self.held.readinto(buffer)

    records = get_parser("ibkr_activity").parse(OneWay(), ParseOptions())
    assert list(records) == read(FULL)


@pytest.mark.parametrize("path", [FULL, ACCOUNTS, GERMAN], ids=lambda path: path.name)
def test_rows_with_cells_missing_or_in_excess_break_nothing(path):
    lines = path.read_text().splitlines()
    changes = (
        lambda line: line.rpartition(",")[0],
        lambda line: f"{line},,surplus",
        lambda line: ",".join(line.split(",")[:4]),
    )
    for change in changes:
        for place in range(len(lines)):
            read("\n".join([*lines[:place], change(lines[place]), *lines[place + 1 :]]))
