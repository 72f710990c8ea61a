"""Bars in the database, and how far trades of a real book went."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django_scopes import scope

from journal.domain.bars import Bar
from journal.models import PriceBar, PriceFileState, PriceSeries, PriceSplit, Trade
from journal.prices.base import Expected
from journal.selectors.excursions import Quality, excursions_of
from journal.selectors.prices import read_bars, series_for
from journal.services.prices.files import read_price_file, receive_price_file
from journal.services.prices.storing import SeriesName, delete_series, store_bars
from tests import captures, people
from tests.brokers.ibkr_flex.flex import statement
from tests.brokers.ibkr_flex.flex import trade as filled
from tests.doors import import_now
from tests.integration.journal.test_flex_book import action, flex
from tests.web.journal.books import fills

pytestmark = pytest.mark.django_db

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "data" / "prices"
needs_corpus = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not here")
START = datetime(2026, 6, 2, 13, 30, tzinfo=UTC)
NOW = datetime(2026, 8, 1, tzinfo=UTC)
MINUTES = SeriesName("ACME", 60, "test", "America/New_York")


@pytest.fixture
def workspace():
    found = people.alice().workspace
    with scope(workspace=found):
        yield found


def minute(number: int, low: str, high: str, **more) -> Bar:
    at = START + timedelta(minutes=number)
    prices = {
        "open": Decimal(low),
        "high": Decimal(high),
        "low": Decimal(low),
        "close": Decimal(high),
    }
    return Bar(at, at + timedelta(minutes=1), **{**prices, **more})


def minutes(count: int, low: str = "10", high: str = "11") -> list[Bar]:
    return [minute(number, low, high) for number in range(count)]


def the_trade() -> Trade:
    return Trade.objects.select_related("account").get()


def test_the_same_bars_again_change_nothing_and_others_replace_them(workspace):
    first = store_bars(workspace.pk, MINUTES, minutes(10), now=NOW)
    assert (first.read, first.added, first.changed) == (10, 10, 0)
    assert store_bars(workspace.pk, MINUTES, minutes(10), now=NOW)[1:] == (10, 0, 0, 0)
    again = store_bars(
        workspace.pk, MINUTES, [*minutes(9), minute(9, "8", "12"), minute(10, "8", "9")], now=NOW
    )
    assert (again.added, again.changed) == (1, 1)
    series = PriceSeries.objects.get()
    assert (series.bars, series.first_at, series.last_at) == (
        11,
        START,
        START + timedelta(minutes=10),
    )
    assert PriceBar.objects.get(opened_at=START + timedelta(minutes=9)).low == 8


def test_of_two_bars_of_one_time_in_a_file_the_later_row_counts(workspace):
    store_bars(workspace.pk, MINUTES, [minute(0, "1", "2"), minute(0, "3", "4")], now=NOW)
    assert PriceBar.objects.get().low == 3


def test_a_bar_that_is_not_over_is_left_out(workspace):
    stored = store_bars(
        workspace.pk, MINUTES, minutes(3), now=START + timedelta(minutes=2, seconds=30)
    )
    assert (stored.read, stored.added, stored.unfinished) == (3, 2, 1)


def test_what_raises_midway_keeps_nothing(workspace):
    def broken():
        yield from minutes(5_000)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store_bars(workspace.pk, MINUTES, broken(), now=NOW)
    assert not PriceSeries.objects.exists()


def test_many_bars_are_taken_together_but_for_those_near_fills(workspace):
    store_bars(workspace.pk, MINUTES, minutes(10_000), now=NOW)
    series = PriceSeries.objects.get()
    end = START + timedelta(minutes=9_000, seconds=30)
    read = read_bars(series, START, end, [end])
    assert (read.seconds, read.near) == (3_600, 60)
    assert read.bars[1].closes_at - read.bars[1].opened_at == timedelta(hours=1)
    assert read.bars[-1].closes_at - read.bars[-1].opened_at == timedelta(minutes=1)
    assert len(read.bars) < 300


def test_a_series_goes_with_its_bars(workspace):
    store_bars(workspace.pk, MINUTES, minutes(3), now=NOW)
    delete_series(PriceSeries.objects.get())
    assert not PriceBar.objects.exists()


# -- excursions of a book


def book(workspace, *rows, **changes) -> Trade:
    import_now(workspace, statement(*fills(*rows, **changes)))
    return the_trade()


ROUND = (("20260602;093030", "ACME", "10", "10.50"), ("20260602;093430", "ACME", "-10", "10.80"))


def test_a_trade_from_minutes(workspace):
    trade = book(workspace, *ROUND)
    bars = [minute(0, "10.4", "10.6"), minute(1, "9.9", "10.9"), *minutes(5, "10.4", "10.9")[2:]]
    store_bars(workspace.pk, MINUTES, bars, now=NOW)
    told = excursions_of(trade, now=NOW)
    assert told.reason == ""
    assert told.quality is Quality.INTRADAY
    assert (told.found.mae.money, told.found.mae.price) == (Decimal("-6.0"), Decimal("9.9"))
    assert (told.found.mfe.money, told.found.mfe.money_bound) == (Decimal("4.0"), Decimal("4.0"))


def test_without_bars_nothing_is_known(workspace):
    told = excursions_of(book(workspace, *ROUND), now=NOW)
    assert (told.found, told.reason) == (None, "There are no price bars of that time.")


def test_bars_of_a_part_of_the_time_are_not_enough(workspace):
    trade = book(workspace, ROUND[0], ("20260602;143000", "ACME", "-10", "10.80"))
    store_bars(workspace.pk, MINUTES, minutes(30), now=NOW)
    told = excursions_of(trade, now=NOW)
    assert told.found is None
    assert "within two hours of when it was closed" in told.reason
    assert told.bars


def test_bars_of_something_else_are_not_believed(workspace):
    trade = book(workspace, *ROUND)
    store_bars(workspace.pk, MINUTES, minutes(10, "70", "71"), now=NOW)
    told = excursions_of(trade, now=NOW)
    assert told.found is None
    assert "far outside of its bar" in told.reason


def test_finer_bars_go_before_coarse_ones(workspace):
    trade = book(workspace, *ROUND)
    day = datetime(2026, 6, 2, 4, tzinfo=UTC)
    daily = SeriesName("ACME", 86_400, "test", "America/New_York")
    bar = Bar(day, day + timedelta(days=1), Decimal(10), Decimal(12), Decimal(9), Decimal(11))
    store_bars(workspace.pk, daily, [bar], now=NOW)
    told = excursions_of(trade, now=NOW)
    assert (told.quality, told.found.mae.money, told.found.mae.money_bound) == (
        Quality.EOD,
        0,
        Decimal("-15.0"),
    )
    store_bars(workspace.pk, MINUTES, minutes(10, "10.4", "10.9"), now=NOW)
    assert excursions_of(trade, now=NOW).quality is Quality.INTRADAY


def test_a_fill_through_zero_counts_in_each_trade_with_its_part(workspace):
    rows = (
        ROUND[0],
        ("20260602;093230", "ACME", "-15", "10.60"),
        ("20260602;093430", "ACME", "5", "10.40"),
    )
    import_now(workspace, statement(*fills(*rows)))
    store_bars(workspace.pk, MINUTES, minutes(6, "10.3", "10.7"), now=NOW)
    long, short = Trade.objects.order_by("opened_at")
    assert excursions_of(long, now=NOW).found.mfe.money == Decimal("2.0")
    assert excursions_of(short, now=NOW).found.mfe.money == Decimal("1.5")


def test_what_a_bot_saw_counts_where_no_bars_tell_of_all(workspace):
    captures.account_of(workspace)
    client = captures.bot(people.alice())
    seen = {"high_while_open": "27.1", "low_while_open": "24.9"}
    sent = [
        captures.fill(record_id="1"),
        captures.fill(
            record_id="2", side="sell", executed_at="2026-06-02T15:00:00Z", price="26", extra=seen
        ),
    ]
    assert client.post("/api/executions/batch", sent, format="json").status_code == 200
    captures.book(workspace)
    told = excursions_of(the_trade(), now=NOW)
    assert told.quality is Quality.BOT
    assert (told.found.mae.money, told.found.mfe.money) == (Decimal("-6.0"), Decimal("16.0"))


# -- files


def test_a_file_is_read_by_the_worker_and_its_bytes_go(workspace):
    text = b"time,open,high,low,close\n1780408800,10,11,9,10\nsoon,1,1,1,1\n1780408860,10,11,9,10\n"
    file = receive_price_file(
        workspace.pk, io.BytesIO(text), name="ACME.csv", expected=Expected(), author_id=None
    )
    read = read_price_file(file.pk)
    assert (read.state, read.bars, read.added, read.bad_rows) == (PriceFileState.DONE, 2, 2, 1)
    assert read.problems == [[3, "“soon” is not a time"]]
    assert read_price_file(file.pk) is None
    assert PriceSeries.objects.get().bars == 2


def test_a_file_without_a_symbol_is_refused_and_nothing_is_kept(workspace):
    text = b"time,open,high,low,close\n1780408800,10,11,9,10\n1780408860,10,11,9,10\n"
    file = receive_price_file(
        workspace.pk, io.BytesIO(text), name="2026.csv", expected=Expected(), author_id=None
    )
    assert read_price_file(file.pk).code == "symbol_needed"
    assert not PriceSeries.objects.exists()


def test_the_command_reads_files_and_says_what_came_of_them(workspace, tmp_path, capsys):
    path = tmp_path / "ACME.csv"
    path.write_text("time,open,high,low,close\n1780408800,10,11,9,10\n1780408860,10,11,9,10\n")
    call_command("import_prices", str(path), workspace=workspace.name)
    assert "2 bars of ACME (1m), 2 new, 0 changed" in capsys.readouterr().out
    with pytest.raises(CommandError, match="--interval"):
        call_command("import_prices", str(path), workspace=workspace.name, interval="1w")
    path.write_text("nothing")
    with pytest.raises(CommandError, match="no table of bars"):
        call_command("import_prices", str(path), workspace=workspace.name)


# -- the corpus: ten shares bought on the day before the split of seven for one, seventy sold two sessions after it

AAPL = {"symbol": "AAPL", "conid": "265598", "isin": "US0378331005"}


def corpus(workspace, *names: str, **options: str) -> None:
    files = [str(CORPUS / name) for name in names]
    call_command("import_prices", *files, workspace=workspace.name, **options)


def through_the_split(workspace) -> Trade:
    bought = filled(**AAPL, dateTime="20140606;100000", quantity="10", tradePrice="647")
    sold = filled(
        **AAPL, dateTime="20140610;110000", quantity="-70", tradePrice="94", buySell="SELL",
        transactionID="901", tradeID="901",
    )  # fmt: skip
    split = action(
        **AAPL, dateTime="20140606;202500", reportDate="20140609", quantity="60",
        description="AAPL(US0378331005) SPLIT 7 FOR 1 (AAPL, APPLE INC, US0378331005)",
    )  # fmt: skip
    import_now(workspace, flex(Trades=[bought, sold], CorporateActions=[split]))
    return the_trade()


def check(told) -> None:
    """9 June lies whole in it: 91.75 to 93.88, so 70 x 91.75 - 6470 and 70 x 93.88 - 6470; it was sold at 94."""
    assert told.reason == ""
    mae, mfe = told.found
    assert told.quality is Quality.EOD
    assert (round(mae.money, 18), mae.price) == (Decimal("-47.5"), Decimal("91.75"))
    assert (round(mfe.money, 18), mfe.price) == (Decimal(110), Decimal(94))
    # 6 June before the split: 644.48 to 651.25 in old units; 10 June: 93.57 to 95.05.
    assert round(mae.money_bound, 18) == Decimal("-47.5")
    assert round(mfe.money_bound, 18) == Decimal("183.5")


@needs_corpus
def test_raw_bars_through_a_split_of_the_book(workspace, capsys):
    trade = through_the_split(workspace)
    corpus(workspace, "daily_aapl.zip", "minute_aapl_20140606_trade.zip")
    assert PriceSeries.objects.count() == 2
    check(excursions_of(trade, now=NOW))


@needs_corpus
def test_adjusted_bars_need_the_splits_since(workspace, tmp_path, capsys):
    """The same days in the units of today, after the split of 2020, as most sites give them."""
    trade = through_the_split(workspace)
    corpus(workspace, "daily_aapl.zip")
    raw = PriceSeries.objects.get()
    rows = ["Date,Open,High,Low,Close,Adj Close"]
    for bar in PriceBar.objects.filter(series=raw).order_by("opened_at"):
        if "2014-06-05" <= f"{bar.opened_at:%Y-%m-%d}" < "2014-06-12":
            per = 28 if f"{bar.opened_at:%Y-%m-%d}" <= "2014-06-06" else 4
            cells = [str(price / per) for price in (bar.open, bar.high, bar.low, bar.close)]
            rows.append(",".join([f"{bar.opened_at:%Y-%m-%d}", *cells, cells[-1]]))
    delete_series(raw)
    path = tmp_path / "AAPL.csv"
    path.write_text("\n".join(rows))
    call_command("import_prices", str(path), workspace=workspace.name, timezone="America/New_York")
    assert PriceSeries.objects.get().basis == "adjusted"
    assert "far outside of its bar" in excursions_of(trade, now=NOW).reason
    corpus(workspace, "factor_aapl.csv")
    assert PriceSplit.objects.count() == 4
    check(excursions_of(trade, now=NOW))


def test_longer_bars_go_first_where_there_would_be_too_many(workspace):
    day = SeriesName("ACME", 86_400, "test", "America/New_York")
    store_bars(workspace.pk, MINUTES, minutes(2), now=NOW)
    opened = START - timedelta(hours=9, minutes=30)
    bar = Bar(opened, opened + timedelta(days=1), *map(Decimal, ("10", "11", "9", "10")))
    store_bars(workspace.pk, day, [bar], now=NOW)
    short = series_for(["ACME"], START, START + timedelta(days=30))
    long = series_for(["ACME"], START, START + timedelta(days=300))
    assert [one.seconds for one in short] == [60, 86_400]
    assert [one.seconds for one in long] == [86_400, 60]
