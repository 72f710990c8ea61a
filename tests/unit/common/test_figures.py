"""Figures in templates: the sign beside the colour, the unit behind the number, the reason behind a dash."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.template import Context, Engine

from common.templatetags import figures


def render(source, **context):
    engine = Engine(libraries={"figures": "common.templatetags.figures"})
    return engine.from_string("{% load figures %}" + source).render(Context(context))


def test_a_gain_has_a_plus_a_colour_and_a_quiet_unit():
    assert render('{% money v "USD" signed=True %}', v=Decimal("1234.5")) == (
        '<span class="money is-profit">+1,234.50<span class="cur">USD</span></span>'
    )


def test_a_loss_has_a_true_minus_beside_its_colour():
    assert render("{% money v signed=True %}", v=Decimal("-7654321.09")) == (
        '<span class="money is-loss">−7,654,321.09</span>'
    )


@pytest.mark.parametrize("value", ["0", "-0", "-0.00"])
def test_nothing_has_neither_sign_nor_colour(value):
    assert (
        render("{% money v signed=True %}", v=Decimal(value)) == '<span class="money">0.00</span>'
    )


def test_what_rounds_to_nothing_has_no_colour_but_tells_the_exact_number():
    assert render("{% money v signed=True places=2 %}", v=Decimal("-0.0001")) == (
        '<span class="money" title="−0.0001">0.00</span>'
    )


def test_an_amount_that_is_no_result_has_no_colour():
    assert "is-" not in render("{% money v 'USD' %}", v=Decimal("-4.2"))


@pytest.mark.parametrize(
    "tag",
    [
        "money v 'USD'",
        "quantity v",
        "price v",
        "percent v",
        "multiple v",
        "ratio v",
        "count v",
        "moment v",
        "day v",
        "duration v",
        "clock v",
    ],
)
def test_unknown_is_a_dash_with_its_reason_never_a_zero(tag):
    shown = render("{% " + tag + ' reason="Opened before the first statement" %}', v=None)
    assert shown == '<abbr class="unknown" title="Opened before the first statement">–</abbr>'


def test_a_missing_variable_is_unknown_too():
    assert "–" in render("{% money nobody.knows 'USD' signed=True %}")


def test_rounding_is_told_and_a_full_number_is_not_repeated():
    assert 'title="1,234.56789"' in render("{% money v %}", v=Decimal("1234.56789"))
    assert "title" not in render("{% money v %}", v=Decimal("1234.5"))
    assert 'title="187.123456789"' in render("{% price v '0.01' %}", v=Decimal("187.123456789"))


def test_a_currency_of_forty_letters_is_escaped_and_kept():
    unit = "<" + "X" * 39
    assert f'<span class="cur">&lt;{"X" * 39}</span>' in render(
        "{% money v unit %}", v=1, unit=unit
    )


@pytest.mark.parametrize(
    ("symbol", "said"),
    [
        ("QQQ 261113P00250000", "QQQ 13 Nov 26 250 P"),
        ("BOLT  260619C00050500", "BOLT 19 Jun 26 50.5 C"),
        ("SPXW261113P05000000", "SPXW 13 Nov 26 5,000 P"),
    ],
)
def test_an_option_reads_as_people_say_it_and_keeps_its_symbol_in_the_title(symbol, said):
    assert figures.symbol(symbol) == f'<span class="symbol" title="{symbol}">{said}</span>'


def test_what_only_looks_like_an_option_is_left_alone():
    assert ">X 261399P00250000<" in figures.symbol("X 261399P00250000")


def test_a_long_symbol_is_whole_in_its_title():
    long = "ESTX50 P 4850 19DEC26 WEEKLY EUREX FLEX"
    assert f'title="{long}"' in figures.symbol(long)
    assert "title" not in figures.symbol("AAPL")


def test_a_long_position_has_a_plus_and_no_colour():
    assert render("{% quantity v 'sh' signed=True %}", v=200) == (
        '<span class="num">+200<span class="cur">sh</span></span>'
    )


def test_percent_and_multiple_have_signs_with_their_colours():
    assert (
        render("{% percent v signed=True %}", v=Decimal("-0.1234"))
        == '<span class="num is-loss">−12.3%</span>'
    )
    assert (
        render("{% multiple v %}", v=Decimal("1.5")) == '<span class="num is-profit">+1.50R</span>'
    )
    assert render("{% percent v %}", v=0.5) == '<span class="num">50.0%</span>'


def test_a_profit_factor_without_losses_is_infinite():
    assert render("{% ratio v %}", v=Decimal("Infinity")) == '<span class="num">∞</span>'


def test_a_count_has_the_word_that_fits():
    assert render('{% count 1 "trade" "trades" %}') == '<span class="num">1 trade</span>'
    assert render('{% count 1284 "trade" "trades" %}') == '<span class="num">1,284 trades</span>'


@pytest.mark.parametrize(
    ("value", "scale", "shade"),
    [
        ("10", "1000", "p-1"),
        ("-200", "1000", "l-2"),
        ("-500", "1000", "l-3"),
        ("5000", "1000", "p-4"),
        ("0", "1000", ""),
        (None, "1000", ""),
        ("5", "0", ""),
    ],
)
def test_a_day_is_shaded_by_its_part_of_a_large_day(value, scale, shade):
    assert figures.shade(value, scale) == shade


def test_an_instant_is_shown_in_the_zone_of_its_account():
    at = datetime(2026, 11, 3, 14, 35, 7, tzinfo=UTC)
    assert render("{% moment at 'America/New_York' %}", at=at) == (
        '<time datetime="2026-11-03T14:35:07+00:00" title="2026-11-03 09:35:07 EST · 2026-11-03 14:35:07 UTC">03 Nov 2026 09:35</time>'
    )
    assert "03 Nov 2026 09:35:07" in render(
        "{% moment at 'America/New_York' seconds=True %}", at=at
    )
    assert ">04 Nov 2026 03:35<" in render(
        "{% moment at zone %}", at=at, zone=timezone(timedelta(hours=13))
    )


def test_a_zone_that_does_not_exist_falls_back_to_the_installation():
    at = datetime(2026, 11, 3, 14, 35, tzinfo=UTC)
    assert "14:35" in render("{% moment at 'Mars/Olympus' %}", at=at)


def test_a_trading_day_is_a_date_and_moves_with_no_zone():
    assert (
        render("{% day v %}", v=date(2026, 3, 8))
        == '<time datetime="2026-03-08">08 Mar 2026</time>'
    )


def test_a_zone_is_named_for_people():
    assert figures.zone_name("America/New_York") == "America/New York"
    assert figures.zone_name(ZoneInfo("Asia/Tokyo")) == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (209_715_200, "210 MB"), (None, "–")],
)
def test_a_file_size_is_short(size, text):
    assert figures.file_size(size) == text
