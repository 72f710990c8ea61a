"""Files of bars: LEAN's, and tables of any origin."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from journal.domain.bars import Split
from journal.prices.base import Expected, UnreadablePrices
from journal.prices.reader import read_prices

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "data" / "prices"
NY = Expected(zone="America/New_York")
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")


def read(content: bytes | str, name: str = "ACME.csv", expected: Expected = NY, **more):
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    found = read_prices(stream, name, expected, unpacked_max=more.get("unpacked_max", 10**7))
    return found, list(found.bars)


def packed(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "."), text)
    return stream.getvalue()


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@needs_corpus
def test_lean_days_of_the_corpus():
    found, bars = read((CORPUS / "daily_aapl.zip").read_bytes(), "daily_aapl.zip", Expected())
    assert (found.symbol, found.seconds, found.zone, found.bad_rows) == (
        "AAPL",
        86_400,
        "America/New_York",
        0,
    )
    assert len(bars) == 5849
    by_day = {bar.opened_at: bar for bar in bars}
    before, after = by_day[utc(2014, 6, 6, 4)], by_day[utc(2014, 6, 9, 4)]
    assert (before.open, before.high, before.low, before.close) == tuple(
        map(Decimal, ("650", "651.25", "644.48", "645.57"))
    )
    assert (after.open, after.low, after.volume) == (Decimal("92.69"), Decimal("91.75"), 72875948)
    assert after.closes_at == utc(2014, 6, 10, 4)


@needs_corpus
def test_lean_minutes_of_the_corpus_fit_into_their_day():
    found, minutes = read(
        (CORPUS / "minute_aapl_20140606_trade.zip").read_bytes(), "20140606_trade.zip", Expected()
    )
    assert (found.symbol, found.seconds, len(minutes)) == ("AAPL", 60, 783)
    assert minutes[0].opened_at == utc(2014, 6, 6, 8, 0)
    session = [
        bar for bar in minutes if utc(2014, 6, 6, 13, 30) <= bar.opened_at < utc(2014, 6, 6, 20, 0)
    ]
    # The day is of another feed: 651.25 and 644.48.
    assert (max(bar.high for bar in session), min(bar.low for bar in session)) == (
        Decimal("651.26"),
        Decimal("644.47"),
    )


@needs_corpus
def test_lean_factor_files_tell_the_splits():
    found, bars = read((CORPUS / "factor_aapl.csv").read_bytes(), "factor_aapl.csv", Expected())
    assert (found.symbol, bars) == ("AAPL", [])
    ratios = [(split.at.date().isoformat(), split.new / split.old) for split in found.splits]
    assert ratios == [("2000-06-21", 2), ("2005-02-26", 2), ("2014-06-07", 7), ("2020-08-29", 4)]


def test_lean_factors_of_a_reverse_split_are_ratios_of_small_numbers():
    found, _ = read(
        "20200101,1,3,10\n20200630,1,1,30\n20501231,1,1,0\n", "factor_xyz.csv", Expected()
    )
    assert found.symbol == "XYZ"
    assert found.splits == [Split(utc(2020, 1, 2, 5), Decimal(1), Decimal(3))]


def test_lean_prices_with_points_are_as_they_are_and_in_utc():
    content = packed(btcusdt__csv="20260101 00:00,87000.5,88000,86000,87500.25,12.5\n")
    found, [bar] = read(content, "btcusdt_trade.zip", Expected())
    assert (found.symbol, bar.opened_at, bar.open) == (
        "BTCUSDT",
        utc(2026, 1, 1),
        Decimal("87000.5"),
    )


def test_lean_quotes_are_refused():
    content = packed(**{"20260102_acme_minute_quote__csv": "34200000,1,1,1,1,1,1,1,1,1,1\n"})
    with pytest.raises(UnreadablePrices, match="_trade"):
        read(content, "20260102_quote.zip")


@pytest.mark.parametrize(
    "text",
    [
        "Date,Open,High,Low,Close,Volume\n2026-06-02,10,11,9,10.5,100\n2026-06-03,10.5,12,10,11,50\n",
        "date;open;high;low;close\n02.06.2026;10,0;11,0;9,0;10,5\n03.06.2026;10,5;12,0;10,0;11,0\n",
        "Prices of ACME\n\nTicker\tDate\tO\tH\tL\tC\nACME\t2026-06-02\t10\t11\t9\t10.5\nACME\t2026-06-03\t10.5\t12\t10\t11\n",
        "2026-06-02,10,11,9,10.5,100\n2026-06-03,10.5,12,10,11,50\n",
    ],
    ids=["commas", "German", "with a title", "without headings"],
)
def test_tables_of_days(text):
    found, bars = read(text)
    assert (found.symbol, found.seconds, found.bad_rows) == ("ACME", 86_400, 0)
    assert [bar.opened_at for bar in bars] == [utc(2026, 6, 2, 4), utc(2026, 6, 3, 4)]
    assert [bar.close for bar in bars] == [Decimal("10.5"), Decimal(11)]


@pytest.mark.parametrize(
    ("stamps", "zone"),
    [
        (("1780408800", "1780408860"), ""),
        (("1780408800000", "1780408860000"), ""),
        (("1780408800000000", "1780408860000000"), ""),
        (("2026-06-02T14:00:00Z", "2026-06-02T14:01:00Z"), ""),
        (("2026-06-02 10:00:00-04:00", "2026-06-02 10:01:00-04:00"), ""),
        (("2026-06-02 10:00", "2026-06-02 10:01"), "America/New_York"),
        (("06/02/2026 10:00 AM", "06/02/2026 10:01 AM"), "America/New_York"),
    ],
)
def test_times_in_all_their_ways(stamps, zone):
    text = "time,open,high,low,close\n" + "".join(f"{one},10,11,9,10\n" for one in stamps)
    found, bars = read(text, expected=Expected(zone=zone, day_first=False))
    assert found.seconds == 60
    assert [bar.opened_at for bar in bars] == [utc(2026, 6, 2, 14, 0), utc(2026, 6, 2, 14, 1)]


def test_metatraders_export_has_date_and_time_apart():
    text = (
        "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
        "2026.06.02\t10:00:00\t1.1\t1.2\t1.0\t1.15\t7\t0\t1\n2026.06.02\t11:00:00\t1.15\t1.2\t1.1\t1.2\t9\t0\t1\n"
    )
    found, bars = read(text, "EURUSD_H1.csv", Expected(zone="UTC"))
    assert (found.symbol, found.seconds, bars[1].opened_at) == (
        "EURUSD",
        3_600,
        utc(2026, 6, 2, 11),
    )


def test_a_packed_table_of_an_exchange():
    content = packed(
        **{
            "BTCUSDT-1m-2026-01__csv": "1767225600000,87,88,86,87.5,1,1767225659999\n1767225660000,87,88,86,87,2,1767225719999\n"
        }
    )
    found, bars = read(content, "BTCUSDT-1m-2026-01.zip", Expected())
    assert (found.symbol, found.seconds, len(bars)) == ("BTCUSDT", 60, 2)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"),
        ("a,b\n1,2\n", "no_bars"),
        ("Date,Open,High,Low,Close\n", "no_bars"),
        ("Date,Open,High,Low,Close\n2026-06-02,1,1,1,1\n", "zone_needed"),
        ("time,open,high,low,close\n1780408800,1,1,1,1\n", "interval_needed"),
        ("time,open,high,low,close\n1780408800,1,1,1,1\n1781013600,1,1,1,1\n", "interval_too_long"),
        (
            "symbol,time,open,high,low,close\nA,1780408800,1,1,1,1\nB,1780408860,1,1,1,1\n",
            "several_symbols",
        ),
    ],
)
def test_what_cannot_be_read_says_why(text, code):
    with pytest.raises(UnreadablePrices) as refused:
        read(text, expected=Expected())
    assert refused.value.code == code
    assert len(refused.value.message) > 15


def test_bad_rows_are_left_out_and_told():
    text = "time,open,high,low,close\n1780408800,10,11,9,10\nsoon,10,11,9,10\n1780408860,10,9,11,10\n1780408920,x,11,9,10\n1780408980,10\n1780409040,10,11,9,10\n"
    found, bars = read(text, expected=Expected())
    assert len(bars) == 2
    assert [row for row, _ in found.problems] == [3, 4, 5, 6]
    assert found.bad_rows == 4


def test_an_archive_that_unpacks_without_end_is_refused():
    content = packed(acme__csv="time,open,high,low,close\n" + "1780408800,10,11,9,10\n" * 50_000)
    with pytest.raises(UnreadablePrices) as refused:
        read(content, "acme.zip", Expected(seconds=60), unpacked_max=200_000)
    assert refused.value.code == "file_too_large"


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04nothing", packed(a__csv="1", b__csv="2"), packed()]
)
def test_broken_and_crowded_archives_are_refused(content):
    with pytest.raises(UnreadablePrices):
        read(content, "acme.zip")


def test_a_cut_archive_is_refused():
    whole = packed(
        acme__csv="".join(f"{1780408800 + 60 * n},10,11,9,10.{n}\n" for n in range(9_000))
    )
    with pytest.raises(UnreadablePrices):
        read(whole[: len(whole) // 2], "acme.zip", Expected())


def test_random_bytes_are_no_table():
    with pytest.raises(UnreadablePrices):
        read(bytes(range(256)) * 50)
