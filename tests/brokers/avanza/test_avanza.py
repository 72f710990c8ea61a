"""Avanza: several accounts in one file, decimal commas, profits stated by the broker, funds exchanged in two rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import CashKind, CashRow, CorporateActionRow, ExecutionRow, StatementInfo
from journal.domain.values import Side
from tests.brokers.reading import corpus_folder, of, parse, problem_codes

SAMPLE = Path(__file__).parent / "samples" / "transaktioner.csv"


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "avanza")


def test_each_row_names_its_account(records):
    infos = [(one.account_id, one.base_currency) for one in of(StatementInfo, records)]
    assert infos == [("Sparkonto", "SEK"), ("1234567", "SEK")]


def test_the_stated_profit_is_that_of_the_fills(records):
    bought, sold = [one for one in of(ExecutionRow, records) if one.account_id == "Sparkonto"]
    assert (bought.side, sold.side) == (Side.BUY, Side.SELL)
    assert bought.executed_at == sold.executed_at == datetime(2027, 2, 11, 23, tzinfo=UTC)
    # (120.50 - 100.10) x 10 less 1 twice
    profit = (sold.price - bought.price) * 10 - bought.fee - sold.fee
    assert profit == sold.stated_pnl == bought.net_cash + sold.net_cash == 202


def test_a_fill_abroad(records):
    (bought,) = [one for one in of(ExecutionRow, records) if one.account_id == "1234567"]
    assert (bought.price, bought.instrument.currency, bought.fx_rate) == (
        300,
        "USD",
        Decimal("10.5"),
    )
    assert (bought.fee, bought.fee_currency) == (39, "SEK")
    assert bought.quantity * bought.price * bought.fx_rate + bought.fee == 6339


def test_a_fund_for_another(records):
    old, new = of(CorporateActionRow, records)
    assert (old.signed_quantity, new.signed_quantity) == (Decimal("-3.6545"), Decimal("3.6545"))
    assert old.action_id == new.action_id


def test_cash_has_its_kind_and_sign(records):
    found = {one.row: (one.kind, one.amount) for one in of(CashRow, records)}
    assert found == {
        5: (CashKind.WITHHOLDING_TAX, Decimal("-1.58")),
        6: (CashKind.DIVIDEND, Decimal("10.50")),
        9: (CashKind.TAX, -26),
        10: (CashKind.INTEREST_RECEIVED, Decimal("0.84")),
        11: (CashKind.DEPOSIT, 10000),
    }


def test_what_cannot_be_used_is_told(records):
    assert problem_codes(records) == {"unknown_row_type": 1, "day_only": 2}


def test_the_corpus():
    """All 19 rows. The one sale with a profit has no purchase in the file, so only its money can be compared."""
    records = parse(corpus_folder("retail_csv") / "avanza.csv", "avanza")
    assert Counter(type(one).__name__ for one in records) == {
        "StatementInfo": 4, "ExecutionRow": 4, "CashRow": 14, "CorporateActionRow": 2, "ProblemRow": 3,
    }  # fmt: skip
    assert problem_codes(records) == {"day_only": 3}
    for one in of(ExecutionRow, records):
        signed = one.quantity * one.price * one.fx_rate * (1 if one.side is Side.SELL else -1)
        stated = Decimal(one.raw["Belopp"].replace(",", "."))
        assert abs(signed - one.fee - stated) <= Decimal("0.07")
    (sold,) = [one for one in of(ExecutionRow, records) if one.side is Side.SELL]
    assert sold.stated_pnl == Decimal("14650.376974")


def test_money_that_lost_its_sign_does_not_turn_a_trade_around():
    text = (Path(__file__).parent / "samples/transaktioner.csv").read_text()
    records = parse(text.replace(";-", ";"), "avanza")
    assert problem_codes(records)["no_direction"] == 2
