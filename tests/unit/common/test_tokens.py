"""Every pair of colours that carries text reads at AA, light and dark, in both palettes."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[3] / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text()
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
GROUNDS = ("paper", "surface", "sunken", "hover")
SHADES = [f"{tone}-{step}" for tone, step in product(("profit", "loss"), range(1, 5))]


def block(selector: str) -> dict[str, tuple[str, str]]:
    start = TOKENS.index(selector)
    body = TOKENS[start : TOKENS.index("\n}", start)]
    return {name: (light, dark) for name, light, dark in PAIR.findall(body)}


STANDARD = block(":root {")
THEMES = {
    f"{mode}, {palette}": {name: pair[index] for name, pair in tokens.items()}
    for palette, tokens in (
        ("green and red", STANDARD),
        ("blue and orange", STANDARD | block(':root[data-palette="blue-orange"]')),
    )
    for index, mode in enumerate(("light", "dark"))
}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT_ON_GROUND = [
    *product(("ink", "ink-2", "ink-3", "accent", "profit", "loss", "warn"), GROUNDS),
    *product(("ink",), SHADES),
    ("on-accent", "accent"),
    ("accent", "accent-soft"),
    ("ink", "accent-soft"),
    ("profit", "profit-soft"),
    ("loss", "loss-soft"),
    ("ink", "loss-soft"),
    ("warn", "warn-soft"),
    ("ink", "warn-soft"),
]


@pytest.mark.parametrize("theme", THEMES)
def test_text_reads_at_aa_on_every_ground(theme):
    colours = THEMES[theme]
    weak = {
        f"{text} on {ground}": round(contrast(colours[text], colours[ground]), 2)
        for text, ground in TEXT_ON_GROUND
        if contrast(colours[text], colours[ground]) < 4.5
    }
    assert not weak


@pytest.mark.parametrize("theme", THEMES)
def test_edges_of_controls_and_focus_are_seen(theme):
    colours = THEMES[theme]
    for edge, ground in product(("control-line", "accent"), ("paper", "surface")):
        assert contrast(colours[edge], colours[ground]) >= 3, f"{edge} on {ground}"


@pytest.mark.parametrize("theme", THEMES)
def test_a_larger_day_is_a_stronger_shade(theme):
    colours = THEMES[theme]
    for tone in ("profit", "loss"):
        strengths = [
            contrast(colours[f"{tone}-{step}"], colours["surface"]) for step in range(1, 5)
        ]
        assert strengths == sorted(strengths)


def test_colours_are_literal_in_the_tokens_only():
    for sheet in CSS.glob("*.css"):
        if sheet.name == "tokens.css":
            continue
        literals = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", sheet.read_text()))
        assert literals <= {"#fff"}, f"{sheet.name}: {literals}"  # white is for paper in a printer


def test_every_token_that_is_used_exists():
    defined = set(re.findall(r"(--[\w-]+):", TOKENS))
    for sheet in CSS.glob("*.css"):
        unknown = set(re.findall(r"var\((--[\w-]+)", sheet.read_text())) - defined
        assert not unknown, f"{sheet.name}: {unknown}"


def test_the_style_sheets_stay_small():
    """Those of every page, and those of one app's pages beside them."""
    sizes = {sheet.name: sheet.stat().st_size for sheet in CSS.glob("*.css")}
    of_some = {
        "api_docs.css", "columns.css", "data.css", "reconciliation.css", "reports.css", "learning.css",
        "learning_claims.css", "learning_parameters.css",
    }  # fmt: skip
    assert sum(size for name, size in sizes.items() if name not in of_some) < 55_000
    assert all(sizes[name] < 6_000 for name in of_some)
