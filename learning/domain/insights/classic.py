"""The short sentences of the first specification (Trade Memory & Learning System, "Insights Table").

They are kept for machines that read them, as `classic_text`. A page shows the fact in them and not the cause: a
winner had a high IV rank as often as a loser had, until trades that came later say otherwise.
"""

from __future__ import annotations

from typing import NamedTuple

from learning.domain.words.numbers import counted, percent

HIGH_IV_RANK = 60.0
LOW_IV_RANK = 40.0
SHORT_DTE = 21.0
_TAKE = 50.0
_NEAR = 10.0
_RECORD = 2
_FULL = 100.0


class Facts(NamedTuple):
    """What the sentences speak of; None is unknown. Percentages from 0 to 100; `result` 1, 0 or -1.

    `symbol_wins` of `symbol_trades` were known when it was closed, this one among them.
    """

    result: int
    symbol: str
    iv_rank: float | None = None
    dte: float | None = None
    percent_of_maximum: float | None = None
    close_reason: str = ""
    symbol_trades: int = 0
    symbol_wins: int = 0


class Chip(NamedTuple):
    """`fact` is shown; `classic_text` is what the specification says. `about` names the feature."""

    about: str
    fact: str
    classic_text: str


def chips_of(facts: Facts) -> list[Chip]:
    made = (_iv_rank(facts), _dte(facts), _maximum(facts), _stop(facts), _symbol(facts))
    return [chip for chip in made if chip is not None]


def _iv_rank(facts: Facts) -> Chip | None:
    if facts.iv_rank is None or LOW_IV_RANK < facts.iv_rank < HIGH_IV_RANK:
        return None
    word = "High" if facts.iv_rank >= HIGH_IV_RANK else "Low"
    fact = f"{word} IV rank ({facts.iv_rank:.0f}%)"
    if facts.result > 0:
        return Chip(
            "iv_rank",
            fact,
            f"{fact} contributed to success" if word == "High" else f"{fact}, and it won",
        )
    if facts.result < 0:
        return Chip(
            "iv_rank",
            fact,
            f"{fact} may have caused failure" if word == "Low" else f"{fact}, and it lost",
        )
    return Chip("iv_rank", fact, fact)


def _dte(facts: Facts) -> Chip | None:
    if facts.dte is None:
        return None
    fact = f"{counted(round(facts.dte), 'day')} to expiry at entry"
    classic = (
        f"{fact} may have been too short" if facts.dte < SHORT_DTE and facts.result < 0 else fact
    )
    return Chip("dte", fact, classic)


def _maximum(facts: Facts) -> Chip | None:
    share = facts.percent_of_maximum
    if share is None:
        return None
    if abs(share - _TAKE) <= _NEAR and facts.result > 0:
        told = f"Followed 50% rule: closed at {share:.0f}% of max profit"
        return Chip("percent_of_maximum", told, told)
    if facts.result > 0:
        told = f"Closed at {min(share, _FULL):.0f}% of max profit"
        return Chip("percent_of_maximum", told, told)
    return None


def _stop(facts: Facts) -> Chip | None:
    if facts.close_reason != "stop":
        return None
    return Chip(
        "close_reason",
        "Closed by its stop",
        "Stop loss limited the loss" if facts.result < 0 else "Closed by its stop",
    )


def _symbol(facts: Facts) -> Chip | None:
    if facts.symbol_trades < _RECORD:
        return None
    share = percent(facts.symbol_wins / facts.symbol_trades)
    fact = f"{facts.symbol}: {facts.symbol_wins} of {counted(facts.symbol_trades, 'trade')} won"
    return Chip("symbol", fact, f"{fact} ({share})")
