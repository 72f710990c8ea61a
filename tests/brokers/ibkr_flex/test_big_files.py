"""Big statements: read in bounded memory, and the generator that writes them."""

import re
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import pytest

from benchmarks.flex_file import write_flex
from journal.brokers.base import ExecutionRow, PositionRow, ProblemRow
from tests.brokers.ibkr_flex.flex import SAMPLES
from tests.brokers.reading import of, parse

ROWS = 100_000
GROWTH_MAX_BYTES = 60_000_000


READ_AND_TELL_GROWTH = """
import resource, sys
from journal.brokers.base import ExecutionRow, ParseOptions
from journal.brokers.registry import get_parser
parser = get_parser("ibkr_flex")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as stream:
    count = sum(type(record) is ExecutionRow for record in parser.parse(stream, ParseOptions()))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_hundred_thousand_rows_are_read_in_bounded_memory(tmp_path):
    path = tmp_path / "big.xml"
    write_flex(path, executions=ROWS)
    told = subprocess.run(
        [sys.executable, "-c", READ_AND_TELL_GROWTH, str(path)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    count, kilobytes = map(int, told.stdout.split())
    assert count == ROWS
    assert kilobytes * 1024 < GROWTH_MAX_BYTES


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.name)
def test_the_shortcut_reads_what_the_xml_parser_reads(path):
    text = path.read_text()
    # A comment at the start leaves the whole file to the XML parser.
    assert parse(re.sub("(<FlexStatements)", r"<!-- slowly -->\1", text)) == parse(text)


def test_the_shortcut_reads_a_generated_statement_as_the_xml_parser_does(tmp_path):
    path = tmp_path / "flex.xml"
    write_flex(path, executions=2_000, accounts=2, symbols=60)
    text = path.read_text()
    assert parse(text.replace("<FlexStatements", "<!-- slowly --><FlexStatements")) == parse(text)


def test_the_generator_writes_the_same_file_twice(tmp_path):
    one, other, another = (tmp_path / name for name in "abc")
    write_flex(one, executions=1_000, seed=5)
    write_flex(other, executions=1_000, seed=5)
    write_flex(another, executions=1_000, seed=6)
    assert one.read_bytes() == other.read_bytes() != another.read_bytes()


def test_a_generated_statement_holds_together(tmp_path):
    path = tmp_path / "flex.xml"
    write_flex(path, executions=5_003, accounts=3, symbols=60)
    records = parse(path)
    fills = of(ExecutionRow, records)
    assert len(fills) == 5_003
    assert len({fill.broker_id for fill in fills}) == 5_003
    assert {fill.account_id for fill in fills} == {"U7000001", "U7000002", "U7000003"}
    assert {fill.instrument.asset_class for fill in fills} >= {"stock", "option", "future", "forex"}
    assert not of(ProblemRow, records)
    assert len(fills[0].raw) > 50
    held: Counter[tuple[str, str]] = Counter()
    for fill in fills:
        signed = fill.quantity if fill.side == "buy" else -fill.quantity
        held[fill.account_id, fill.instrument.broker_id] += signed
        before = held[fill.account_id, fill.instrument.broker_id] - signed
        assert (fill.effect == "close") is (before * signed < 0)
    positions = of(PositionRow, records)
    stated = {(row.account_id, row.instrument.broker_id): row.signed_quantity for row in positions}
    assert {key: quantity for key, quantity in held.items() if quantity} == stated
    realised = sum((fill.stated_pnl for fill in fills if fill.effect == "close"), Decimal(0))
    assert realised
    for fill in fills[:500]:
        assert fill.proceeds == -fill.price * fill.instrument.multiplier * (
            fill.quantity if fill.side == "buy" else -fill.quantity
        )
