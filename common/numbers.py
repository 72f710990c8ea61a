"""How a number is written for a person: the only place where numbers are rounded.

Pure functions from a number to text; `common.templatetags.figures` wraps them in HTML, charts use
them for hover texts, so that a figure reads the same everywhere. Rounding is half up, as statements
do. The minus is U+2212.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EN DASH}"
INFINITE = "\N{INFINITY}"
# The unit of a ratio where money could stand: write_money(0.25, PERCENT) is 25.0%.
PERCENT = "%"

Number = Decimal | int | float | str | None

# Digits after the point of a currency's smallest coin, where it is not two (ISO 4217), and what
# people write for currencies without coins.
CURRENCY_PLACES: dict[str, int] = (
    dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
        ],
        0,
    )
    | dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3)
    | dict.fromkeys(["BTC", "ETH", "BNB", "XBT"], 8)
)
# A figure that would round to nothing shows its first two digits instead, down to here.
SMALLEST_PLACES = 12


@dataclass(frozen=True, slots=True)
class NumberFormat:
    group: str
    point: str
    # Digits of the groups left of the first three: India writes 12,34,567.
    wide: int = 3


_NARROW = "\N{NARROW NO-BREAK SPACE}"
NUMBER_FORMATS: dict[str, NumberFormat] = {
    "en": NumberFormat(",", "."),
    "de": NumberFormat(".", ","),
    "fr": NumberFormat(_NARROW, ","),
    "de-ch": NumberFormat("\N{RIGHT SINGLE QUOTATION MARK}", "."),
    "en-in": NumberFormat(",", ".", wide=2),
    "plain": NumberFormat("", "."),
}
_LANGUAGES = {
    "de": ("de", "nl", "es", "it", "pt", "da", "id", "tr", "el", "hr", "sl", "ro", "is", "vi"),
    "fr": (
        "fr",
        "ru",
        "pl",
        "cs",
        "sk",
        "uk",
        "sv",
        "nb",
        "nn",
        "no",
        "fi",
        "hu",
        "bg",
        "lt",
        "lv",
        "et",
    ),
    "de-ch": ("de-ch", "fr-ch", "it-ch", "de-li"),
    "en-in": ("en-in", "hi", "bn", "gu", "mr", "ta", "te"),
}
_FORMAT_OF_LANGUAGE = {
    language: name for name, languages in _LANGUAGES.items() for language in languages
}

_active: ContextVar[NumberFormat] = ContextVar("number_format", default=NUMBER_FORMATS["en"])


@contextmanager
def number_format(name: str) -> Iterator[None]:
    """Numbers inside are written this way; an unknown name writes them as English does."""
    token = _active.set(NUMBER_FORMATS.get(name, NUMBER_FORMATS["en"]))
    try:
        yield
    finally:
        _active.reset(token)


def separators() -> str:
    """Decimal point and group separator, in the order that Plotly takes them."""
    active = _active.get()
    return active.point + active.group


def format_for_language(accept_language: str) -> str:
    """The name of the number format that fits a browser's Accept-Language."""
    first = accept_language.split(",", maxsplit=1)[0].split(";", maxsplit=1)[0].strip().lower()
    return _FORMAT_OF_LANGUAGE.get(first) or _FORMAT_OF_LANGUAGE.get(first.split("-")[0], "en")


def to_decimal(value: Number) -> Decimal | None:
    """The number, or None when there is none (not a number, text that is no number)."""
    if value is None or value == "":
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except ArithmeticError:
        return None
    return None if number.is_nan() else number


def places_of(number: Decimal) -> int:
    """Digits after the point that are not trailing zeros."""
    if number.is_infinite() or not number:
        return 0
    _, digits, exponent = number.as_tuple()
    zeros = len(digits) - len("".join(map(str, digits)).rstrip("0"))
    return max(0, -(int(exponent) + zeros))


def currency_places(currency: str) -> int:
    return CURRENCY_PLACES.get(currency.upper(), 2)


def visible_places(number: Decimal, places: int) -> int:
    """`places`, or as many more as a small number needs to show its first two digits."""
    if not number or number.is_infinite() or abs(number) * 2 >= Decimal(1).scaleb(-places):
        return places
    wanted = min(places_of(number), 1 - number.adjusted())
    return wanted if wanted <= SMALLEST_PLACES else places


def round_places(number: Decimal, places: int) -> Decimal:
    with localcontext() as context:
        context.prec = max(28, number.adjusted() + places + 4)
        rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return rounded or rounded.copy_abs()


def write(number: Decimal, places: int, *, plus: bool = False) -> str:
    """Digits with separators and a true sign. `plus` writes + before what is above nothing."""
    if number.is_infinite():
        return (MINUS if number < 0 else "") + INFINITE
    rounded = round_places(number, places)
    whole, _, fraction = format(rounded.copy_abs(), "f").partition(".")
    style = _active.get()
    text = _grouped(whole, style) + (f"{style.point}{fraction}" if fraction else "")
    if rounded < 0:
        return MINUS + text
    return f"+{text}" if plus and rounded > 0 else text


def write_money(
    value: Number, currency: str = "", *, plus: bool = False, places: int | None = None
) -> str:
    number = to_decimal(value)
    if number is None:
        return UNKNOWN
    if currency == PERCENT:
        places = visible_places(number * 100, 2) if abs(number) * 10 < 1 else 1
        return write_percent(number, places, plus=plus)
    wanted = currency_places(currency) if places is None else places
    text = write(
        number, wanted if places is not None else visible_places(number, wanted), plus=plus
    )
    return f"{text} {currency}".rstrip()


def write_quantity(value: Number, *, plus: bool = False) -> str:
    """All of it: a quantity is never rounded."""
    number = to_decimal(value)
    return UNKNOWN if number is None else write(number, places_of(number), plus=plus)


def price_places(number: Decimal, tick: Number = None) -> int:
    """The instrument's own digits; an average between two ticks shows up to two more.

    Without a tick, at least two.
    """
    step = to_decimal(tick)
    if not step:
        return max(2, min(places_of(number), SMALLEST_PLACES))
    own = places_of(step)
    return max(own, min(places_of(number), own + 2))


def write_price(value: Number, tick: Number = None) -> str:
    number = to_decimal(value)
    return UNKNOWN if number is None else write(number, price_places(number, tick))


def write_percent(ratio: Number, places: int = 1, *, plus: bool = False) -> str:
    """A ratio (0.25) as a percentage (25.0%)."""
    number = to_decimal(ratio)
    return UNKNOWN if number is None else f"{write(number * 100, places, plus=plus)}%"


def write_ratio(value: Number, places: int = 2) -> str:
    number = to_decimal(value)
    return UNKNOWN if number is None else write(number, places)


def write_multiple(value: Number, places: int = 2) -> str:
    """A multiple of the risk taken: +1.25R."""
    number = to_decimal(value)
    return UNKNOWN if number is None else f"{write(number, places, plus=True)}R"


def tone(value: Number) -> str:
    """profit, loss, flat or unknown."""
    number = to_decimal(value)
    if number is None:
        return "unknown"
    return "profit" if number > 0 else "loss" if number < 0 else "flat"


def write_duration(value: timedelta | float | None) -> str:
    """The two largest units: 3 d 4 h, 12 min 5 s."""
    if value is None:
        return UNKNOWN
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts: list[tuple[int, str]] = []
    rest = abs(seconds)
    for name, size in units:
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append((count, name))
        if len(parts) == 2:
            break
    text = " ".join(f"{count} {name}" for count, name in parts if count) or "0 s"
    return f"{MINUS}{text}" if seconds < 0 else text


def _grouped(whole: str, style: NumberFormat) -> str:
    if len(whole) <= 3 or not style.group:
        return whole
    head, tail = whole[:-3], whole[-3:]
    groups = []
    while head:
        groups.append(head[-style.wide :])
        head = head[: -style.wide]
    return style.group.join([*reversed(groups), tail])
