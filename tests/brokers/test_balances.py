"""Running balances: a minus that was lost on the way is told, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from journal.brokers.base import ProblemRow
from tests.brokers.reading import SAMPLES, corpus_folder, of, parse, problem_codes

CODE = "balance_contradicts"
# Reader, sample, a row as it is, and with the sign that it lost.
LOST = [
    ("etoro", "account_activity.csv", "Withdraw Request,-,-100.00", "Withdraw Request,-,100.00"),
    ("etoro", "account_activity.csv", "SDRT,HLBD/GBP,(6.97)", "SDRT,HLBD/GBP,6.97"),
    ("kraken", "ledgers.csv", "-1000.0000,0.9000", "1000.0000,0.9000"),
    ("kraken", "ledgers.csv", "-0.0500000000,0.0001", "0.0500000000,0.0001"),
    ("swissquote", "transactions.csv", "-53.85;876.93", "53.85;876.93"),
    ("bux", "", "-2.99,EUR,4426.6", "2.99,EUR,4426.6"),
]  # fmt: skip
each_loss = pytest.mark.parametrize(("slug", "name", "kept", "lost"), LOST)


def sample(slug: str, name: str) -> str:
    folder = SAMPLES / slug / "samples"
    path = folder / name if name else next(iter(sorted(folder.glob("*.csv"))))
    return path.read_text()


def newest_at_the_other_end(text: str) -> str:
    header, *rows = text.splitlines()
    return "\n".join([header, *reversed(rows)]) + "\n"


@each_loss
@pytest.mark.parametrize("turn", [str, newest_at_the_other_end], ids=["as it is", "turned round"])
def test_a_row_that_lost_its_minus_is_told_whichever_end_a_file_begins_with(
    slug, name, kept, lost, turn
):
    text = sample(slug, name)
    assert kept in text
    assert problem_codes(parse(turn(text), slug))[CODE] == 0
    (found,) = [
        one
        for one in of(ProblemRow, parse(turn(text.replace(kept, lost)), slug))
        if one.code == CODE
    ]
    assert any(lost.split(",")[0] in cell for cell in found.raw.values()) or ";" in lost


def test_rows_that_were_left_out_contradict_nothing():
    header, *rows = sample("etoro", "account_activity.csv").splitlines(keepends=True)
    for number in range(len(rows)):
        rest = header + "".join(rows[:number] + rows[number + 1 :])
        assert problem_codes(parse(rest, "etoro"))[CODE] == 0


@pytest.mark.parametrize("slug", ["etoro", "swissquote", "bux"])
def test_what_other_people_exported_contradicts_nothing(slug):
    path: Path = corpus_folder("retail_csv") / f"{slug}.csv"
    assert problem_codes(parse(path, slug))[CODE] == 0
