"""Files that other people's customers exported are read by the right reader without naming it."""

from __future__ import annotations

import pytest

from journal.brokers.base import StatementInfo
from journal.brokers.registry import detect
from tests.brokers.reading import CORPUS, corpus_folder, of, parse

# Of other readers' files the name says whose they are.
READERS = {
    "ibkr-trades.csv": "ibkr_flex_csv",
    "ibkr-dividends.csv": "ibkr_flex_csv",
    "revolut-invest.csv": "revolut_invest",
    "revolut-crypto.csv": "revolut_crypto",
}
HEADERS_BELOW_A_PREAMBLE = {"directa.csv": [10]}
HEAD_BYTES = 64 * 1024
FILES = sorted(path.name for path in (CORPUS / "retail_csv").glob("*"))


def test_there_are_files_if_there_is_a_corpus():
    assert corpus_folder("retail_csv").is_dir()
    assert FILES


@pytest.mark.parametrize("name", FILES)
def test_a_retail_file_finds_its_reader_under_any_name(name):
    path = corpus_folder("retail_csv") / name
    parser = detect(path.read_bytes()[:HEAD_BYTES], "download.bin")
    assert parser.slug == READERS.get(name, path.stem)


@pytest.mark.parametrize("name", FILES)
def test_every_line_of_a_retail_file_becomes_a_record(name):
    path = corpus_folder("retail_csv") / name
    records = parse(path, READERS.get(name, path.stem))
    assert of(StatementInfo, records)
    told = {one.row for one in records}
    lines = path.read_text().splitlines()
    untold = [
        number for number, line in enumerate(lines, 1) if line.strip(',;" ') and number not in told
    ]
    assert untold == HEADERS_BELOW_A_PREAMBLE.get(name, [])
