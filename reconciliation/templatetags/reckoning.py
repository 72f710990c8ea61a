"""Figures of accounts and guards in templates."""

from __future__ import annotations

from decimal import Decimal

from django import template

from common.numbers import UNKNOWN, Number, to_decimal, write_percent

register = template.Library()


@register.filter
def fall(percent: Number) -> str:
    """A drawdown in per cent as what it is below the peak: 5.25 is −5.25%."""
    number = to_decimal(percent)
    return UNKNOWN if number is None else write_percent(-number / 100, 2)


@register.filter
def part(percent: Number) -> str:
    """Per cent as they are stored: 12.5 is 12.5%."""
    number = to_decimal(percent)
    return UNKNOWN if number is None else write_percent(number / 100)


@register.filter
def share(ratio: Number) -> str:
    """A part of one, whole per cents: 0.7 is 70%."""
    number = to_decimal(ratio)
    return UNKNOWN if number is None else write_percent(number, 0)


@register.filter
def bar(used: Number) -> str:
    """How far a bar of 100 is filled, as SVG takes it."""
    number = to_decimal(used) or Decimal(0)
    return format(max(Decimal(0), min(number, Decimal(1))) * 100, ".2f")
