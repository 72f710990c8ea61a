"""Reports of several sources as fills: counted, nearest in time, and the same in any order."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.twins import APART, Mention, find_twins

START = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
BATCHES = {"api": 1, "csv": 2, "bot": 3, "query": 4, "confirm": 5}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def mention(key: str, source: str, seconds: float = 0, batch: int | None = None, **ids: str):
    return Mention(key, source, batch or BATCHES[source], at(seconds), **ids)


def named(source: str, seconds: list[float], kind: str = "b", **ids: str) -> list[Mention]:
    return [mention(f"{kind}:{source}{n}", source, one, **ids) for n, one in enumerate(seconds)]


def nameless(source: str, seconds: list[float]) -> list[Mention]:
    """As rows of a file without ids: equal ones of an instant are counted."""
    seen: dict[float, int] = {}
    found = []
    for one in seconds:
        seen[one] = seen.get(one, 0) + 1
        found.append(mention(f"v:{source}{one}:{seen[one]}", source, one))
    return found


def fills(*mentions: Mention) -> int:
    keys = {one.key for one in mentions}
    return len(keys) - sum(len(twins) - 1 for twins in find_twins(mentions))


def pairs(*mentions: Mention) -> list[list[str]]:
    return find_twins(mentions)


def test_a_row_without_an_id_is_the_fill_that_another_source_names():
    assert pairs(*named("api", [0.4]), *nameless("csv", [0])) == [["b:api0", "v:csv0:1"]]


def test_equal_rows_are_counted():
    assert fills(*named("api", [0, 0]), *nameless("csv", [0, 0, 0])) == 3


def test_two_ids_of_one_kind_are_two_fills():
    assert fills(*named("api", [0]), *named("query", [0])) == 2
    assert fills(*named("api", [0], "x"), *named("bot", [0], "x")) == 2


def test_ids_of_different_kinds_do_not_contradict():
    assert fills(*named("query", [0]), *named("bot", [1], "x")) == 1


def test_an_execution_of_another_id_is_another_fill():
    known = mention("b:1", "query", 0, exec_id="e1")
    assert fills(known, mention("x:e2", "bot", 0, exec_id="e2")) == 2
    assert fills(known, mention("x:e1", "bot", 500, exec_id="e1")) == 1


def test_an_execution_that_was_booked_twice_is_two_fills():
    booked = [mention(f"b:{n}", "query", 0, exec_id="e1") for n in (1, 2)]
    assert pairs(*booked, mention("x:e1", "bot", 0, exec_id="e1")) == [["b:1", "x:e1"]]


def test_trades_of_other_ids_are_other_fills():
    known = mention("b:1", "query", 0, trade_id="5")
    assert fills(known, mention("v:a:1", "confirm", 0, trade_id="6")) == 2
    assert fills(known, mention("v:a:1", "confirm", 0, trade_id="5")) == 1


@pytest.mark.parametrize(("apart", "count"), [(0.9, 1), (2, 1), (2.9, 1), (3, 2), (-2, 1), (-3, 2)])
def test_clocks_may_be_two_seconds_apart(apart, count):
    assert fills(*nameless("csv", [0]), *nameless("bot", [apart])) == count


def test_one_source_is_at_one_with_itself_to_the_instant():
    older = mention("v:conid:1", "csv", 0, batch=1)
    assert fills(older, mention("v:symbol:1", "csv", 0, batch=2)) == 1
    assert fills(older, mention("v:symbol:1", "csv", 1, batch=2)) == 2


def test_rows_of_one_import_are_different_fills():
    assert fills(mention("b:1", "query", 0, batch=1), mention("v:a:1", "query", 0, batch=1)) == 2


def test_the_nearest_is_meant():
    assert pairs(*nameless("csv", [0, 2]), *named("api", [2])) == [["b:api0", "v:csv2:1"]]


def numbered(source: str, seconds: list[float]) -> list[Mention]:
    """As rows of a file that states a trade's id, which no row of another source does: no two rows are alike."""
    return [
        mention(f"v:{source}trade{n}:1", source, one, trade_id=str(9 - n))
        for n, one in enumerate(seconds)
    ]


def test_a_clock_that_is_off_joins_rows_with_ids_that_nobody_else_states():
    assert fills(*named("bot", [2, 2, 3], "x"), *numbered("csv", [0, 0, 1])) == 3


def test_one_source_may_write_a_fill_in_two_ways():
    ways = [mention(f"v:new{n}:1", "csv", 0, batch=5, trade_id=str(n)) for n in (1, 2)]
    assert fills(*nameless("csv", [0, 0]), *ways) == 2
    assert fills(*nameless("csv", [0, 0]), *ways, *named("bot", [2, 2], "x")) == 2


def test_a_clock_that_is_off_joins_as_many_as_there_are():
    assert fills(*named("api", [0, 1, 2, 3]), *nameless("bot", [1, 2, 3, 4])) == 4


def by_hand(*seconds: float) -> list[Mention]:
    return [
        Mention(f"v:hand{n}:1", "manual", 90 + n, at(one), is_told=True, by_hand=True)
        for n, one in enumerate(seconds)
    ]


def test_a_minute_that_somebody_remembers_is_any_fill_of_it():
    assert fills(*named("api", [17]), *by_hand(0)) == 1
    assert fills(*named("api", [59.9]), *by_hand(0)) == 1
    assert fills(*named("api", [60]), *by_hand(0)) == 2
    assert fills(*named("api", [17]), *by_hand(5)) == 2
    assert fills(*named("api", [17, 40]), *by_hand(0)) == 2
    assert fills(*named("api", [17, 40]), *by_hand(0, 0)) == 2
    assert fills(*named("api", [58]), *nameless("bot", [60]), *by_hand(0)) == 1


def test_what_somebody_tells_twice_is_two_fills():
    assert fills(*by_hand(5, 5)) == 2
    again = [one._replace(is_told=True) for one in nameless("bot", [1])]
    other = [one._replace(key="v:other:1", batch_id=70) for one in again]
    assert fills(*again, *other) == 2


def test_three_sources():
    assert fills(*named("api", [0, 1]), *nameless("csv", [0, 1]), *nameless("bot", [1, 2])) == 2


# -- the table of docs/domain.md


TABLE = re.search(
    r"\| one source .*?\n\n", (Path(__file__).parents[3] / "docs/domain.md").read_text(), re.DOTALL
)
ROWS = [line.strip("| ").split(" | ") for line in TABLE[0].strip().splitlines()[2:]]


def reports_in(cell: str, source: str, batch: int) -> list[Mention]:
    found, seen = [], Counter()
    for report in cell.split(", "):
        clock, _, key = report.partition(" ")
        _, minutes, seconds = clock.split(":")
        seen[clock] += 1
        key = key.strip("`") or f"v:{source}{clock}:{seen[clock]}"
        found.append(Mention(key, source, batch, at(int(minutes) * 60 + float(seconds))))
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " and ".join(row[:2]))
def test_the_documented_table(row):
    one, other, count = row
    assert fills(*reports_in(one, "one", 1), *reports_in(other, "other", 2)) == int(count)


def test_the_table_is_there():
    assert len(ROWS) > 5


SECONDS = st.lists(st.integers(0, 12), max_size=6)


@given(api=SECONDS, csv=SECONDS, bot=SECONDS, seed=st.randoms())
def test_the_order_of_reports_does_not_matter(api, csv, bot, seed):
    mentions = [*named("api", api), *nameless("csv", csv), *nameless("bot", bot)]
    shuffled = list(mentions)
    seed.shuffle(shuffled)
    assert find_twins(mentions) == find_twins(shuffled)


@given(api=SECONDS, csv=SECONDS, bot=SECONDS)
def test_each_fill_has_at_most_one_row_of_each_source_and_all_near_each_other(api, csv, bot):
    mentions = {
        one.key: one for one in (*named("api", api), *nameless("csv", csv), *nameless("bot", bot))
    }
    for twins in find_twins(mentions.values()):
        said = [mentions[key] for key in twins]
        assert len({one.source for one in said}) == len(said)
        moments = [one.at for one in said]
        assert (max(moments) - min(moments)).total_seconds() <= APART


@given(times=st.lists(st.integers(0, 30), max_size=8), off=st.integers(-APART, APART))
def test_a_source_that_saw_the_same_fills_adds_none(times, off):
    late = [one + off for one in times]
    assert fills(*named("api", times), *nameless("bot", late)) == len(times)
    assert fills(*named("api", times), *numbered("bot", late)) == len(times)


@given(api=SECONDS, csv=SECONDS)
def test_no_fill_is_lost(api, csv):
    count = fills(*named("api", api), *nameless("csv", csv))
    assert max(len(api), len(csv)) <= count <= len(api) + len(csv)
