"""What a finding is about, as a sentence begins with it. No heavy library, for pages read it too."""

from __future__ import annotations

from collections.abc import Mapping

FEATURES: Mapping[str, str] = {
    "iv_rank": "IV rank",
    "iv_percentile": "IV percentile",
    "iv": "implied volatility",
    "dte": "days to expiry",
    "delta": "delta",
    "credit": "credit",
    "width": "width",
    "credit_width": "credit over width",
    "probability": "stated probability",
    "hour": "hour of entry",
    "weekday": "day of the week",
    "size": "size",
    "vix": "VIX",
    "spread": "bid-ask spread",
    "days_to_earnings": "days to earnings",
}
"""What is known of a trade at its entry, in words; others are called as their scanner does."""

_DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "symbol": ("Symbols", "{}"),
    "strategy": ("Strategies", "{}"),
    "structure": ("Structures", "{}"),
    "close_reason": ("Close reasons", "Closed by {}"),
    "held": ("Time held", "Held {}"),
    "account": ("Accounts", "Account {}"),
    "asset_class": ("Asset classes", "{}"),
    "direction": ("Directions", "{} trades"),
    "source": ("Sources", "Trades that came by {}"),
    "bot": ("Bots", "Bot {}"),
    "version": ("Parameter versions", "Parameters {}"),
}
_LABEL, _TAG = "label:", "tag:"
OUTCOMES = frozenset({"close_reason", "held"})
"""Columns that say how, or how soon, a trade ended: to be looked at, never a claim, for nobody chooses by them."""


def feature_label(name: str) -> str:
    return FEATURES.get(name, name.replace("_", " "))


def dimension_label(name: str) -> str:
    """Of a breakdown: Symbols, Strategies, …, or the tag or the scanner's label."""
    if name.startswith(_TAG):
        return f"Tag “{name.removeprefix(_TAG)}”"
    if name.startswith(_LABEL):
        return feature_label(name.removeprefix(_LABEL)).capitalize()
    return _DIMENSIONS.get(name, (name.replace("_", " ").capitalize(), ""))[0]


def group_label(dimension: str, word: str) -> str:
    """One group of a breakdown, as a sentence begins with it."""
    if dimension.startswith(_TAG):
        tag = dimension.removeprefix(_TAG)
        return f"Tagged “{tag}”" if word == "yes" else f"Not tagged “{tag}”"
    if dimension.startswith(_LABEL):
        return f"{feature_label(dimension.removeprefix(_LABEL)).capitalize()} {word}"
    form = _DIMENSIONS.get(dimension, ("", "{}"))[1]
    spoken = word.replace("_", " ") if dimension in _SPOKEN else word
    told = form.format(spoken)
    return told[:1].upper() + told[1:]


_SPOKEN = frozenset({"close_reason", "structure", "asset_class", "direction", "source"})


def subject_label(subject: str) -> str:
    """Of a claim: `feature:iv_rank` is "Higher IV rank", `symbol:SPY` is SPY."""
    kind, word = split_subject(subject)
    return f"Higher {feature_label(word)}" if kind == "feature" else group_label(kind, word)


def split_subject(subject: str) -> tuple[str, str]:
    """`label:trend:up` is the group "up" of the column `label:trend`."""
    for prefix in (_TAG, _LABEL):
        if subject.startswith(prefix):
            column, _, word = subject.rpartition(":")
            return column, word
    kind, _, word = subject.partition(":")
    return kind, word
