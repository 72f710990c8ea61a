"""What is said of the bot's rows and files."""

from __future__ import annotations

from journal.brokers.base import ProblemRow, UnreadableStatement
from journal.brokers.freqtrade.values import Row
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.notices import Notices
from journal.domain.values import Severity

SENTENCES = {
    "simulated": "These trades never happened at an exchange: they are of {subject} ({rows}). They are booked in an "
    "account of their own only.",
    "dry_run_left_out": "Orders of a dry run stand among real ones. They never happened at an exchange and were left "
    "out ({rows}).",
    "fee_estimated": "freqtrade does not say what some orders cost; their fee is its rate of the trade ({rows}). The "
    "exchange's own fills say it exactly.",
    "funding_summed": "Funding is stated once a trade and is booked when the trade ended ({rows}). If this account is "
    "also connected to the exchange, its funding is in the book twice: import the database into another account then.",
    "order_rows_booked": "freqtrade keeps orders and no fills, so each order is booked as one fill at its average "
    "price ({rows}). The exchange's own fills take their place once they are imported.",
    "trade_without_orders": "A trade has no orders, as in old databases; its opening and closing are booked as one "
    "fill each ({rows}).",
    "database_unfinished": "The database was copied while the bot may have been writing: what is in the file beside it "
    "(-wal) is missing. Stop the bot first, or copy it with “sqlite3 tradesv3.sqlite '.backup copy.sqlite'”.",
    "more_notices": "{count} more remarks of other kinds were left out.",
}
_SEVERITIES = {
    "simulated": Severity.WARNING,
    "dry_run_left_out": Severity.WARNING,
    "database_unfinished": Severity.WARNING,
}
REMEDY = "Add the execution by hand."


def new_notices() -> Notices:
    return Notices(SENTENCES, _SEVERITIES)


def left_out(row: int, raw: Row, error: Exception) -> ProblemRow:
    code, trouble = "bad_number", "its numbers cannot be computed with"
    if isinstance(error, Missing):
        code, trouble = error.code, error.lack
    elif isinstance(error, BadValue):
        code, trouble = error.code, error.trouble_in(raw)
    what = " ".join(filter(None, (raw.get("pair") or raw.get("ft_pair"), raw.get("order_id"))))[:60]
    sentence = (
        f"Row {row} ({what}) was left out: {trouble}. {REMEDY} The other rows are not affected."
    )
    return ProblemRow(row, "", Severity.ERROR, code, sentence, raw)


def not_freqtrade() -> UnreadableStatement:
    return UnreadableStatement(
        "other_format",
        "The file is no database of freqtrade: it has no table of trades. The bot's is called tradesv3.sqlite.",
    )


def broken_database(why: str) -> UnreadableStatement:
    return UnreadableStatement(
        "broken_database",
        f"The database cannot be read: {why}. Nothing was imported. Stop the bot and copy it again, or write a copy "
        "with “sqlite3 tradesv3.sqlite '.backup copy.sqlite'”.",
    )


def several(what: str, names: list[str]) -> UnreadableStatement:
    return UnreadableStatement(
        "several_accounts",
        f"The file mixes {what}: {', '.join(names)[:200]}. Nothing was imported, because they are accounts of their "
        "own. Export them one at a time.",
    )
