"""What every adapter promises, shown on every sample of its folder."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from journal.brokers.base import (
    ConversionRateRow,
    OtherRow,
    ParseOptions,
    ProblemRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import detect, get_parser, list_slugs
from tests.brokers.reading import SAMPLES, parse, settings_of

SAMPLE_FILES = [
    (slug, path) for slug in list_slugs() for path in sorted((SAMPLES / slug / "samples").glob("*"))
]
each_sample = pytest.mark.parametrize(
    ("slug", "path"), SAMPLE_FILES, ids=[f"{slug}-{path.name}" for slug, path in SAMPLE_FILES]
)


def flatten(value):
    if isinstance(value, tuple):
        for one in value:
            yield from flatten(one)
    else:
        yield value


def test_there_are_samples_for_every_adapter():
    assert {slug for slug, _ in SAMPLE_FILES} == set(list_slugs())


@each_sample
def test_a_sample_is_recognised_by_its_adapter_only(slug, path: Path):
    assert detect(path.read_bytes()[: 64 * 1024], path.name).slug == slug


@each_sample
def test_the_same_bytes_give_the_same_records(slug, path: Path):
    assert parse(path, slug) == parse(path, slug)


@each_sample
def test_chunks_of_any_size_give_the_same_records(slug, path: Path):
    class Dribble(io.RawIOBase):
        def __init__(self, data):
            self.data, self.place = data, 0

        def read(self, size=-1):
            # The first read is what the adapter looks at to know the encoding.
            taken = 997 if self.place else 400
            self.place += taken
            return self.data[self.place - taken : self.place]

    options = ParseOptions(**settings_of(path))
    records = get_parser(slug).parse(Dribble(path.read_bytes()), options)
    assert list(records) == parse(path, slug)


@each_sample
def test_instants_are_utc_and_numbers_are_exact(slug, path: Path):
    for record in parse(path, slug):
        for value in flatten(record):
            assert not isinstance(value, float)
            if isinstance(value, datetime):
                assert value.utcoffset() == timedelta(0)
                assert value.tzinfo is UTC
            if isinstance(value, Decimal):
                assert value.is_finite()


@each_sample
def test_quantities_are_positive_and_rows_can_be_looked_up(slug, path: Path):
    rows = 0
    for record in parse(path, slug):
        assert record.row >= 1
        rows += 1
        if not isinstance(record, ConversionRateRow):
            assert all(value != "" for value in record.raw.values())
        # An order may not say how much of it is meant.
        if getattr(record, "quantity", None) is not None:
            assert record.quantity > 0
    assert rows


@each_sample
def test_an_account_is_introduced_before_anything_is_said_of_it(slug, path: Path):
    introduced = set()
    for record in parse(path, slug):
        if isinstance(record, StatementInfo):
            introduced.add(record.account_id)
        elif not isinstance(record, OtherRow | ProblemRow):
            assert record.account_id in introduced


@each_sample
def test_an_unknown_column_changes_nothing_but_raw(slug, path: Path):
    try:
        text = path.read_text()
    except UnicodeDecodeError:
        text = ""
    if ' symbol="' not in text:
        pytest.skip("not Flex: the adapter's own tests do this")
    changed = re.sub(r' symbol="', ' fullMoon="yes" symbol="', text)

    def essence(records):
        return [
            one._replace(raw={}) if "raw" in one._fields else one
            for one in records
            if not isinstance(one, ProblemRow)
        ]

    assert essence(parse(changed, slug)) == essence(parse(text, slug))


@each_sample
def test_half_a_file_is_refused_or_read_and_nothing_else(slug, path: Path):
    data = path.read_bytes()
    for length in range(0, len(data), 97):
        with suppress(UnreadableStatement):
            parse(data[:length], slug, **settings_of(path))
