"""What kind of structure legs are: by what they pay, never by what they cost.

Legs are first brought to their smallest whole numbers: two condors are one condor, twice. Then options of one expiry
are read off a table: their rights and signed counts in the order of strikes. What no name fits is `custom`, which is
no fault, and called a combination. Names are the field's; a cash-secured put is a short put alone, whatever cash
there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from math import gcd
from typing import NamedTuple

from journal.domain.exact import exact_sums
from journal.domain.structures.bag import Bag, Held
from journal.domain.structures.values import StructureLeg, Terms
from journal.domain.values import ONE, ZERO, AssetClass, Right


class Kind(StrEnum):
    """What people filter by; a `Shape` has a name that says more."""

    FLAT = "flat"
    OUTRIGHT = "outright"
    LONG_OPTION = "long_option"
    SHORT_CALL = "short_call"
    CASH_SECURED_PUT = "cash_secured_put"
    VERTICAL = "vertical"
    RATIO_SPREAD = "ratio_spread"
    CALENDAR = "calendar"
    DIAGONAL = "diagonal"
    BUTTERFLY = "butterfly"
    CONDOR = "condor"
    IRON_BUTTERFLY = "iron_butterfly"
    IRON_CONDOR = "iron_condor"
    STRADDLE = "straddle"
    STRANGLE = "strangle"
    JADE_LIZARD = "jade_lizard"
    BOX = "box"
    RISK_REVERSAL = "risk_reversal"
    SYNTHETIC = "synthetic"
    COVERED_CALL = "covered_call"
    COVERED_PUT = "covered_put"
    COVERED_STRANGLE = "covered_strangle"
    PROTECTIVE_PUT = "protective_put"
    PROTECTIVE_CALL = "protective_call"
    COLLAR = "collar"
    CONVERSION = "conversion"
    FUTURE_SPREAD = "future_spread"
    CUSTOM = "custom"


# What takes more than one leg.
OF_SEVERAL = tuple(
    kind
    for kind in Kind
    if kind
    not in (Kind.FLAT, Kind.OUTRIGHT, Kind.LONG_OPTION, Kind.SHORT_CALL, Kind.CASH_SECURED_PUT)
)


def words_of(kind: Kind) -> str:
    """As lists of kinds have it."""
    return "Other combination" if kind is Kind.CUSTOM else kind.value.replace("_", " ").capitalize()


class Shape(NamedTuple):
    """`name` in words ("bull put spread"); `units`: how many times it is held, in contracts where there are options."""

    kind: Kind
    name: str
    units: Decimal = ONE


_CUSTOM = (Kind.CUSTOM, "")
_FLAT = Shape(Kind.FLAT, "flat", ZERO)

# Rights and signed counts of options of one expiry, in the order of strikes (put before call at the same strike).
_BY_PATTERN: dict[tuple[str, tuple[int, ...]], tuple[Kind, str]] = {
    ("C", (1,)): (Kind.LONG_OPTION, "long call"),
    ("P", (1,)): (Kind.LONG_OPTION, "long put"),
    ("C", (-1,)): (Kind.SHORT_CALL, "short call"),
    ("P", (-1,)): (Kind.CASH_SECURED_PUT, "cash-secured put"),
    ("CC", (1, -1)): (Kind.VERTICAL, "bull call spread"),
    ("CC", (-1, 1)): (Kind.VERTICAL, "bear call spread"),
    ("PP", (1, -1)): (Kind.VERTICAL, "bull put spread"),
    ("PP", (-1, 1)): (Kind.VERTICAL, "bear put spread"),
    ("PC", (1, 1)): (Kind.STRANGLE, "long strangle"),
    ("PC", (-1, -1)): (Kind.STRANGLE, "short strangle"),
    ("CP", (1, 1)): (Kind.STRANGLE, "long guts"),
    ("CP", (-1, -1)): (Kind.STRANGLE, "short guts"),
    ("PC", (-1, 1)): (Kind.RISK_REVERSAL, "bullish risk reversal"),
    ("PC", (1, -1)): (Kind.RISK_REVERSAL, "bearish risk reversal"),
    ("CP", (1, -1)): (Kind.RISK_REVERSAL, "bullish risk reversal"),
    ("CP", (-1, 1)): (Kind.RISK_REVERSAL, "bearish risk reversal"),
    ("CCC", (1, -2, 1)): (Kind.BUTTERFLY, "long call butterfly"),
    ("CCC", (-1, 2, -1)): (Kind.BUTTERFLY, "short call butterfly"),
    ("PPP", (1, -2, 1)): (Kind.BUTTERFLY, "long put butterfly"),
    ("PPP", (-1, 2, -1)): (Kind.BUTTERFLY, "short put butterfly"),
    ("CCCC", (1, -1, -1, 1)): (Kind.CONDOR, "long call condor"),
    ("CCCC", (-1, 1, 1, -1)): (Kind.CONDOR, "short call condor"),
    ("PPPP", (1, -1, -1, 1)): (Kind.CONDOR, "long put condor"),
    ("PPPP", (-1, 1, 1, -1)): (Kind.CONDOR, "short put condor"),
    ("PPCC", (1, -1, -1, 1)): (Kind.IRON_CONDOR, "iron condor"),
    ("PPCC", (-1, 1, 1, -1)): (Kind.IRON_CONDOR, "reverse iron condor"),
    ("PCPC", (1, -1, -1, 1)): (Kind.IRON_CONDOR, "inverted iron condor"),
    ("PCC", (-1, -1, 1)): (Kind.JADE_LIZARD, "jade lizard"),
    ("PPC", (1, -1, -1)): (Kind.JADE_LIZARD, "reverse jade lizard"),
}
# The same where two neighbours have one strike.
_AT_ONE_STRIKE: dict[tuple[str, tuple[int, ...]], tuple[Kind, str]] = {
    ("PC", (1, 1)): (Kind.STRADDLE, "long straddle"),
    ("PC", (-1, -1)): (Kind.STRADDLE, "short straddle"),
    ("PC", (-1, 1)): (Kind.SYNTHETIC, "synthetic long"),
    ("PC", (1, -1)): (Kind.SYNTHETIC, "synthetic short"),
    ("PPCC", (1, -1, -1, 1)): (Kind.IRON_BUTTERFLY, "iron butterfly"),
    ("PPCC", (-1, 1, 1, -1)): (Kind.IRON_BUTTERFLY, "reverse iron butterfly"),
    ("PCC", (-1, -1, 1)): (Kind.JADE_LIZARD, "big lizard"),
    ("PPC", (1, -1, -1)): (Kind.JADE_LIZARD, "reverse big lizard"),
    ("PCPC", (-1, 1, 1, -1)): (Kind.BOX, "long box"),
    ("PCPC", (1, -1, -1, 1)): (Kind.BOX, "short box"),
}
# Beside shares or a future: options in the order of strikes, held long (the signs turn round where it is short).
_COVERED: dict[tuple[str, tuple[int, ...]], tuple[Kind, str]] = {
    ("C", (-1,)): (Kind.COVERED_CALL, "covered call"),
    ("P", (1,)): (Kind.PROTECTIVE_PUT, "protective put"),
    ("PC", (1, -1)): (Kind.COLLAR, "collar"),
    ("PC", (-1, -1)): (Kind.COVERED_STRANGLE, "covered strangle"),
}
_COVERED_AT_ONE_STRIKE: dict[tuple[str, tuple[int, ...]], tuple[Kind, str]] = {
    ("PC", (1, -1)): (Kind.CONVERSION, "conversion"),
    ("PC", (-1, -1)): (Kind.COVERED_STRANGLE, "covered straddle"),
}
_SOLD: dict[tuple[str, tuple[int, ...]], tuple[Kind, str]] = {
    ("P", (-1,)): (Kind.COVERED_PUT, "covered put"),
    ("C", (1,)): (Kind.PROTECTIVE_CALL, "protective call"),
    ("PC", (-1, 1)): (Kind.COLLAR, "short collar"),
    ("PC", (-1, -1)): (Kind.COVERED_STRANGLE, "covered short strangle"),
}
_SOLD_AT_ONE_STRIKE: dict[tuple[str, tuple[int, ...]], tuple[Kind, str]] = {
    ("PC", (-1, 1)): (Kind.CONVERSION, "reversal"),
    ("PC", (-1, -1)): (Kind.COVERED_STRANGLE, "covered short straddle"),
}
_LETTERS = {Right.PUT: "P", Right.CALL: "C"}


class _Option(NamedTuple):
    """One contract with its count in the smallest whole numbers."""

    terms: Terms
    ratio: int

    @property
    def strike(self) -> Decimal:
        return self.terms.strike or ZERO

    @property
    def letter(self) -> str:
        return _LETTERS[self.terms.right or Right.CALL]


def shape_of(legs: Iterable[StructureLeg] | Bag) -> Shape:
    """The shape of what is open of the legs; `flat` when nothing is."""
    return shape_of_held((legs if isinstance(legs, Bag) else Bag(legs)).held())


def shape_of_held(held: Held) -> Shape:
    """The shape of quantities of different contracts, in the order in which a bag tells what it holds."""
    if not held:
        return _FLAT
    found = _shape(held)
    return found if found.kind is not Kind.CUSTOM else found._replace(name=_unnamed(len(held)))


def _unnamed(legs: int) -> str:
    return f"combination of {legs} legs" if legs > 1 else "option of unknown terms"


def _shape(held: Held) -> Shape:
    options = [(terms, quantity) for terms, quantity in held if terms.is_option]
    lines = [(terms, quantity) for terms, quantity in held if not terms.is_option]
    units, counts = _smallest(quantity for _, quantity in options or lines)
    is_of_one = len({terms.underlying for terms, _ in held} - {""}) < 2
    if not is_of_one or not all(terms.is_complete for terms, _ in options) or not _alike(options):
        return Shape(*_CUSTOM, units)
    if not options:
        return Shape(*_of_lines([terms for terms, _ in lines], counts), units)
    counted = [_Option(terms, count) for (terms, _), count in zip(options, counts, strict=True)]
    if not lines:
        return Shape(*_of_options(counted), units)
    if len(lines) > 1:
        return Shape(*_CUSTOM, units)
    return Shape(*_beside(lines[0], counted, units), units)


def _smallest(quantities: Iterable[Decimal]) -> tuple[Decimal, list[int]]:
    """The greatest common part of quantities, and how often each has it, signed."""
    given = list(quantities)
    first = abs(given[0])
    if all(abs(each) == first for each in given):
        return first, [1 if each > ZERO else -1 for each in given]
    with exact_sums():
        places = max(-min(int(each.normalize().as_tuple().exponent), 0) for each in given)
        whole = [int(each.scaleb(places)) for each in given]
        part = gcd(*whole)
        return Decimal(part).scaleb(-places), [each // part for each in whole]


def _alike(options: Sequence[tuple[Terms, Decimal]]) -> bool:
    """One size, and on one thing: an option on a future stands beside none on shares."""
    return len({(terms.multiplier, terms.asset_class) for terms, _ in options}) <= 1


def _of_lines(lines: Sequence[Terms], counts: Sequence[int]) -> tuple[Kind, str]:
    if len(lines) == 1:
        return Kind.OUTRIGHT, "long" if counts[0] > 0 else "short"
    if {terms.asset_class for terms in lines} != {AssetClass.FUTURE}:
        return _CUSTOM
    days = [terms.expiry_on for terms in lines]
    if None in days or len(set(days)) < len(days):
        return _CUSTOM
    in_time = tuple(
        count for _, count in sorted(zip(days, counts, strict=True), key=lambda each: str(each[0]))
    )
    if in_time in ((1, -1), (-1, 1)):
        return Kind.FUTURE_SPREAD, "future calendar spread"
    if in_time in ((1, -2, 1), (-1, 2, -1)):
        return Kind.FUTURE_SPREAD, "future butterfly"
    return _CUSTOM


def _of_options(options: Sequence[_Option]) -> tuple[Kind, str]:
    """`options` are in the order of strikes, puts first."""
    expiries = {option.terms.expiry_on for option in options}
    if len(expiries) > 1:
        return _of_expiries(options) if len(expiries) == 2 else _CUSTOM
    pattern = _pattern(options)
    strikes = [option.strike for option in options]
    if pattern[0] in ("CC", "PP") and pattern not in _BY_PATTERN:
        return _ratio(options)
    if _has_twins(options):
        return _CUSTOM
    if len(set(strikes)) < len(strikes):
        return _AT_ONE_STRIKE.get(pattern, _CUSTOM) if _is_pinned(strikes) else _CUSTOM
    kind, name = _BY_PATTERN.get(pattern, _CUSTOM)
    if kind in (Kind.BUTTERFLY, Kind.CONDOR) and _wings_differ(strikes):
        name = f"broken-wing {name.partition(' ')[2]}" if name.startswith("long") else name
    return kind, name


def _pattern(options: Iterable[_Option]) -> tuple[str, tuple[int, ...]]:
    given = list(options)
    return "".join(option.letter for option in given), tuple(option.ratio for option in given)


def _has_twins(options: Sequence[_Option]) -> bool:
    """Two contracts of the same right and strike: weekly and monthly ones of an index, say."""
    return len({(option.letter, option.strike) for option in options}) < len(options)


def _is_pinned(strikes: Sequence[Decimal]) -> bool:
    """Where strikes meet as the tables have it: the two of a pair, the middle of four, both pairs of a box,
    the short ones of a lizard."""
    distinct = len(set(strikes))
    if len(strikes) == 4:
        middle = strikes[1] == strikes[2] and distinct == 3
        return middle or (strikes[0] == strikes[1] and strikes[2] == strikes[3] and distinct == 2)
    return distinct == len(strikes) - 1


def _wings_differ(strikes: Sequence[Decimal]) -> bool:
    with exact_sums():
        return strikes[1] - strikes[0] != strikes[-1] - strikes[-2]


def _ratio(options: Sequence[_Option]) -> tuple[Kind, str]:
    """More of one strike than of another: more sold is a ratio spread, more bought a backspread."""
    one, other = options
    if (one.ratio > 0) == (other.ratio > 0) or one.strike == other.strike:
        return _CUSTOM
    right = "call" if one.letter == "C" else "put"
    bought, sold = max(one.ratio, other.ratio), -min(one.ratio, other.ratio)
    return Kind.RATIO_SPREAD, f"{right} {'ratio spread' if sold > bought else 'backspread'}"


def _of_expiries(options: Sequence[_Option]) -> tuple[Kind, str]:
    """Calendars and diagonals, once or twice, all in one direction in time."""
    if any(abs(option.ratio) != 1 for option in options):
        return _CUSTOM
    first = min(option.terms.expiry_on for option in options if option.terms.expiry_on)
    near = [option for option in options if option.terms.expiry_on == first]
    far = [option for option in options if option.terms.expiry_on != first]
    sold_first = near[0].ratio < 0
    if any((option.ratio < 0) != sold_first for option in near):
        return _CUSTOM
    if any((option.ratio > 0) != sold_first for option in far):
        return _CUSTOM
    if [option.letter for option in near] != [option.letter for option in far] or len(near) > 2:
        return _CUSTOM
    same = [option.strike for option in near] == [option.strike for option in far]
    kind = Kind.CALENDAR if same else Kind.DIAGONAL
    word = "double" if len(near) == 2 else "call" if near[0].letter == "C" else "put"
    name = f"{word} {kind}" if sold_first else f"short {word} {kind}"
    return kind, name


def _beside(
    line: tuple[Terms, Decimal], options: Sequence[_Option], units: Decimal
) -> tuple[Kind, str]:
    """Options beside shares or a future that are at least as many as the options are on."""
    terms, quantity = line
    with exact_sums():
        needed = units * options[0].terms.multiplier
        is_enough = abs(quantity * terms.multiplier) >= needed
    if not is_enough or _has_twins(options):
        return _CUSTOM
    meet = len(options) == 2 and options[0].strike == options[1].strike
    if quantity > ZERO:
        table = _COVERED_AT_ONE_STRIKE if meet else _COVERED
    else:
        table = _SOLD_AT_ONE_STRIKE if meet else _SOLD
    return table.get(_pattern(options), _CUSTOM)


__all__ = ["OF_SEVERAL", "Kind", "Shape", "shape_of", "shape_of_held", "words_of"]
