"""Figures in templates: `common.numbers` in HTML.

Every figure is a span of tabular digits; a unit stands small and grey behind it; what is unknown is
a dash that says why. Where rounding hid something, the title holds the exact number. Colour comes
with `signed=True`, and then with a sign, never alone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common import numbers
from common.numbers import Number

register = template.Library()

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OCC = re.compile(
    r"(?P<root>\S{1,6}) *(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<right>[CP])(?P<strike>\d{8})"
)
NOT_STATED = "Not stated by the source"


@register.simple_tag
def money(
    value: Number,
    currency: str = "",
    *,
    signed: bool = False,
    places: int | None = None,
    reason: str = "",
) -> SafeString:
    """`{% money trade.net_pnl "USD" signed=True %}`: +1,234.50 USD in the colour of profit."""
    number = numbers.to_decimal(value)
    if number is None:
        return unknown(reason)
    text = numbers.write_money(number, currency, plus=signed, places=places)
    if currency == numbers.PERCENT:
        return format_html(
            '<span class="money{}">{}</span>', _tone_class(number, text, signed), text
        )
    digits = text.removesuffix(f" {currency}") if currency else text
    unit = format_html('<span class="cur">{}</span>', currency) if currency else ""
    return format_html(
        '<span class="money{}"{}>{}{}</span>',
        _tone_class(number, digits, signed),
        _exact(number, digits),
        digits,
        unit,
    )


@register.simple_tag
def quantity(
    value: Number, unit: str = "", *, signed: bool = False, reason: str = ""
) -> SafeString:
    """All digits of it. `signed=True` writes a plus; no colour: long is not better than short."""
    number = numbers.to_decimal(value)
    if number is None:
        return unknown(reason)
    text = numbers.write_quantity(number, plus=signed)
    return format_html(
        '<span class="num">{}{}</span>',
        text,
        format_html('<span class="cur">{}</span>', unit) if unit else "",
    )


@register.simple_tag
def price(
    value: Number, tick: Number = None, *, most: int | None = None, reason: str = ""
) -> SafeString:
    """In the instrument's own precision: `{% price fill.price instrument.tick %}`.

    An average has as many digits as its division gave: `most=4` writes four (more below 1).
    """
    number = numbers.to_decimal(value)
    if number is None:
        return unknown(reason)
    text = numbers.write_price(number, tick)
    if most is not None:
        shown = numbers.visible_places(number, most if abs(number) >= 1 else most + 2)
        text = numbers.write(number, min(numbers.price_places(number, tick), shown))
    return format_html('<span class="num"{}>{}</span>', _exact(number, text), text)


@register.simple_tag
def percent(
    ratio: Number, places: int = 1, *, signed: bool = False, reason: str = ""
) -> SafeString:
    """A ratio as a percentage: 0.25 is 25.0%."""
    number = numbers.to_decimal(ratio)
    if number is None:
        return unknown(reason)
    text = numbers.write_percent(number, places, plus=signed)
    return format_html('<span class="num{}">{}</span>', _tone_class(number, text, signed), text)


@register.simple_tag
def multiple(value: Number, places: int = 2, *, reason: str = "") -> SafeString:
    """A multiple of the risk taken: +1.25R."""
    number = numbers.to_decimal(value)
    if number is None:
        return unknown(reason or "No stop was planned, so there is no risk to measure by")
    text = numbers.write_multiple(number, places)
    return format_html('<span class="num{}">{}</span>', _tone_class(number, text, True), text)


@register.simple_tag
def ratio(value: Number, places: int = 2, *, reason: str = "") -> SafeString:
    """A plain number such as a profit factor; infinite is ∞."""
    number = numbers.to_decimal(value)
    if number is None:
        return unknown(reason)
    return format_html('<span class="num">{}</span>', numbers.write_ratio(number, places))


@register.simple_tag
def count(value: Number, one: str = "", many: str = "", *, reason: str = "") -> SafeString:
    """`{% count 1200 "trade" "trades" %}`: 1,200 trades."""
    number = numbers.to_decimal(value)
    if number is None:
        return unknown(reason)
    word = one if number == 1 else (many or one)
    return format_html(
        '<span class="num">{}{}</span>', numbers.write(number, 0), f" {word}" if word else ""
    )


@register.simple_tag
def unknown(reason: str = "") -> SafeString:
    return format_html(
        '<abbr class="unknown" title="{}">{}</abbr>', reason or NOT_STATED, numbers.UNKNOWN
    )


@register.filter
def signed_class(value: Number) -> str:
    """is-profit, is-loss, is-flat or is-unknown."""
    return f"is-{numbers.tone(value)}"


@register.filter
def shade(value: Number, scale: Number) -> str:
    """The class of a calendar cell, p-1 … p-4 or l-1 … l-4: its part of `scale`, a large day."""
    number, large = numbers.to_decimal(value), numbers.to_decimal(scale)
    if not number or not large:
        return ""
    part = abs(number) / abs(large)
    step = 1 + sum(part >= limit for limit in (Decimal("0.15"), Decimal("0.4"), Decimal("0.75")))
    return f"{'p' if number > 0 else 'l'}-{step}"


@register.filter
def symbol(text: str) -> SafeString:
    """A symbol of any length: cut by the style sheet, whole in the title when it is long.

    An option reads as people say it, QQQ 13 Nov 26 250 P; the title holds the symbol as it is.
    """
    said = _say_option(text)
    title = format_html(' title="{}"', text) if len(text) > 21 or said != text else ""
    return format_html('<span class="symbol"{}>{}</span>', title, said)


def _say_option(text: str) -> str:
    """The 21 places of an OCC symbol, read out: root, day, put or call, strike in thousandths."""
    option = _OCC.fullmatch(text)
    if option is None or not 1 <= int(option["month"]) <= 12:
        return text
    day = f"{option['day']} {MONTHS[int(option['month']) - 1]} {option['year']}"
    strike = numbers.write_quantity(Decimal(option["strike"]) / 1000)
    return f"{option['root']} {day} {strike} {option['right']}"


@register.simple_tag
def moment(
    value: datetime | None,
    zone: str | tzinfo | None = None,
    *,
    seconds: bool = False,
    reason: str = "",
) -> SafeString:
    """An instant in the zone of its account: 03 Nov 2026 09:35. The title says the zone and UTC."""
    if value is None:
        return unknown(reason)
    local = value.astimezone(_zone(zone))
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    exact = "%Y-%m-%d %H:%M:%S"
    title = f"{local:{exact}} {local.tzname()} · {value.astimezone(UTC):{exact}} UTC"
    return format_html(
        '<time datetime="{}" title="{}">{} {}</time>',
        value.astimezone(UTC).isoformat(),
        title,
        write_day(local.date()),
        clock,
    )


@register.simple_tag
def clock(
    value: datetime | None, zone: str | tzinfo | None = None, *, reason: str = ""
) -> SafeString:
    """The time of day only: 09:35:07."""
    if value is None:
        return unknown(reason)
    local = value.astimezone(_zone(zone))
    return format_html(
        '<time datetime="{}">{}</time>', value.astimezone(UTC).isoformat(), f"{local:%H:%M:%S}"
    )


@register.simple_tag
def day(value: date | None, *, reason: str = "") -> SafeString:
    """A calendar day: 03 Nov 2026. It has no zone: a trading day is stored as such."""
    if value is None:
        return unknown(reason)
    return format_html('<time datetime="{}">{}</time>', value.isoformat()[:10], write_day(value))


@register.simple_tag
def duration(value: timedelta | float | None, *, reason: str = "") -> SafeString:
    if value is None:
        return unknown(reason)
    return format_html('<span class="num">{}</span>', numbers.write_duration(value))


@register.filter
def zone_name(zone: str | tzinfo | None) -> str:
    """The zone, to be shown once on a page: America/New York."""
    return str(_zone(zone)).replace("_", " ")


@register.filter
def file_size(size: int | None) -> str:
    if size is None:
        return numbers.UNKNOWN
    number, unit = Decimal(size), "B"
    for larger in ("kB", "MB", "GB"):
        if number < 1000:
            break
        number, unit = number / 1000, larger
    return f"{numbers.write(number, 0 if unit == 'B' or number >= 100 else 1)} {unit}"


def write_day(value: date) -> str:
    return f"{value.day:02d} {MONTHS[value.month - 1]} {value.year}"


def _zone(zone: str | tzinfo | None) -> tzinfo:
    if isinstance(zone, tzinfo):
        return zone
    try:
        return ZoneInfo(zone) if zone else timezone.get_current_timezone()
    except (ZoneInfoNotFoundError, ValueError):
        return timezone.get_current_timezone()


def _tone_class(number: Decimal, text: str, signed: bool) -> str:
    """Colour only where the text shows a sign: what rounds to nothing has neither."""
    if not signed or text[0] not in ("+", numbers.MINUS):
        return ""
    return f" is-{numbers.tone(number)}"


def _exact(number: Decimal, text: str) -> Any:
    """The title with the whole number, when the text shows fewer digits."""
    if number.is_infinite():
        return ""
    shown = sum(character.isdigit() for character in text)
    whole = numbers.write_quantity(number)
    hidden = sum(character.isdigit() for character in whole) > shown
    return format_html(' title="{}"', whole) if hidden else ""
