"""Lines for COPY are read by PostgreSQL as the values that they were made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from common.copy_text import NULL, array_of, fields_of, lines_of
from journal.domain.values import Side

# PostgreSQL's text knows no NUL character, and \x1e is our sign for NULL.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\x1e"), max_size=20)
ROWS = st.tuples(
    TEXTS,
    st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=6),
    st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1900, 1, 1)),
    st.none() | st.lists(TEXTS, max_size=3).map(tuple),
    st.sampled_from(Side),
    st.none() | st.dates(min_value=date(1900, 1, 1)),
)


class TestLines(TestCase):
    @given(rows=st.lists(ROWS, min_size=1, max_size=8))
    def test_postgresql_reads_what_was_meant(self, rows):
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TEMP TABLE lines (number serial, one text, two numeric, three timestamptz, "
                "four text[], five text, six date) ON COMMIT DROP"
            )
            names = "one, two, three, four, five, six"
            with cursor.copy(f"COPY lines ({names}) FROM STDIN WITH (NULL E'\\x1e')") as copy:
                copy.write("\n".join(lines_of(rows)) + "\n")
            cursor.execute(f"SELECT {names} FROM lines ORDER BY number")
            found = cursor.fetchall()
            cursor.execute("DROP TABLE lines")
        expected = [
            (one, two, three, None if four is None else list(four), five.value, six)
            for one, two, three, four, five, six in rows
        ]
        assert found == expected

    @given(rows=st.lists(ROWS, min_size=1, max_size=8))
    def test_fields_are_read_back(self, rows):
        for line, row in zip(lines_of(rows), rows, strict=True):
            fields = fields_of(line)
            assert fields[0] == row[0]
            assert fields[1] == (NULL if row[1] is None else str(row[1]))
            if row[3] is not None:
                assert array_of(fields[3]) == list(row[3])


def test_one_moment_has_one_text_whatever_zone_it_was_first_seen_in():
    """Evidence is recognised by its text, so what was written before must not show."""
    there = datetime(2026, 6, 19, 16, 20, 7, tzinfo=ZoneInfo("America/New_York"))
    assert lines_of([(there,), (there.astimezone(UTC),)]) == ["2026-06-19 20:20:07+00:00"] * 2


def test_no_rows_are_no_lines():
    assert lines_of([]) == []


@pytest.mark.parametrize("text", ["\\", "\t", "\n", "\r", "\\N", "a\\tb", '"', "{}"])
def test_odd_text_survives(text):
    assert fields_of(lines_of([(text, "end")])[0]) == [text, "end"]
