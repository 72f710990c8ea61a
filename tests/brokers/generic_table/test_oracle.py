"""Retail files of other people, read by nothing but the guess, against the readers that know them.

Symbol, side, quantity, price and time must be theirs. What differs is listed file by file: what no column says.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from journal.brokers.base import ExecutionRow
from journal.brokers.generic_table.guess import guess
from journal.brokers.generic_table.mapping import SideFrom, lacks
from journal.brokers.generic_table.sight import look
from journal.brokers.registry import get_parser
from tests.brokers.reading import corpus_folder, of, parse

# File: the reader that knows it, and the rows of it that are read otherwise, with the reason.
FILES: dict[str, tuple[str, dict[int, str]]] = {
    "avanza.csv": ("avanza", {}),
    "schwab.csv": ("schwab", {}),
    "swissquote.csv": ("swissquote", {}),
    "trading212.csv": ("trading212", {}),
    "directa.csv": ("directa", {}),
    "coinbase.csv": (
        "coinbase",
        {
            6: "a conversion is two trades, told in a sentence of its notes",
            7: "a conversion is two trades, told in a sentence of its notes",
            8: "its price column leaves the spread out, which is in the subtotal",
            9: "its price column leaves the spread out, which is in the subtotal",
        },
    ),
    "bux.csv": (
        "bux",
        {
            6: "its price column is rounded, the amount in its description is not",
            20: "a sale whose money has the sign of a purchase, which is no fill there",
            26: "its price column is rounded, the amount in its description is not",
        },
    ),
    "revolut-invest.csv": (
        "revolut_invest",
        dict.fromkeys((4, 5, 12, 13), "its price column is rounded to cents, and the reader takes that of the money"),
    ),
}  # fmt: skip


def words_of(fill: ExecutionRow) -> tuple[object, ...]:
    return fill.row, fill.instrument.symbol, fill.side, fill.quantity, fill.price, fill.executed_at


@pytest.fixture
def corpus() -> Callable[[str], Path]:
    folder = corpus_folder("retail_csv")
    return lambda name: folder / name


@pytest.mark.parametrize("name", FILES)
def test_the_guess_alone_reads_what_the_reader_of_the_broker_reads(corpus, name):
    slug, exceptions = FILES[name]
    path = corpus(name)
    with path.open("rb") as stream:
        found = guess(look(stream))
    assert lacks(found.mapping) == []
    assert found.questions == ()
    zone = get_parser(slug).default_zone
    theirs = {words_of(one) for one in of(ExecutionRow, parse(path, slug, zone=zone))}
    mapping = found.mapping.as_json()
    ours = {
        words_of(one)
        for one in of(ExecutionRow, parse(path, "generic_table", zone=zone, mapping=mapping))
    }
    assert {words[0] for words in theirs ^ ours} == set(exceptions)


def test_a_table_that_does_not_say_its_sides_asks_for_them(corpus):
    """eToro writes “Open Position” and “Position closed”, which is no side, and states no price."""
    with corpus("etoro.csv").open("rb") as stream:
        found = guess(look(stream))
    assert "side_from" in {question.about for question in found.questions}
    assert found.mapping.side_from not in (SideFrom.COLUMN, SideFrom.QUANTITY)
