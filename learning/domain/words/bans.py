"""Words that a sentence may not use: a cause that was not confirmed, and what misleads whatever was found.

People take "likely" for less than it says and a story for a proof; so causes wait for confirmation on later trades,
and a bare p-value, stars, or a win rate without the rate that breaks even are never shown (docs/learning.md).
"""

from __future__ import annotations

import re

_CAUSAL = (
    "because", "due to", "contribut(?:e|es|ed|ing|ion)", "caus(?:e|es|ed|ing)", "prove[sdn]?", "proof", "always",
    "guarantee[sd]?", "thanks to", "owing to", "leads? to", "led to", "edge", "makes? you", "drives?", "driven by",
)  # fmt: skip
_MISLEADING = (
    r"\bp\s*[<=≤]\s*0?\.\d+",
    r"(?<!\w)\*{1,3}(?!\w)",
    "AI detected",
    "statistically significant",
)

CAUSAL = re.compile(rf"\b(?:{'|'.join(_CAUSAL)})\b", re.IGNORECASE)
MISLEADING = re.compile("|".join(_MISLEADING), re.IGNORECASE)
_WIN_RATE = re.compile(r"\bwin rate\b", re.IGNORECASE)
_BREAK_EVEN = re.compile(r"\bbreak[- ]even\b", re.IGNORECASE)


def banned_in(text: str, *, is_confirmed: bool = False) -> list[str]:
    """What of `text` may not be said; `is_confirmed` where the claim has grade A."""
    found = [match.group() for match in MISLEADING.finditer(text)]
    if not is_confirmed:
        found += [match.group() for match in CAUSAL.finditer(text)]
    if _WIN_RATE.search(text) and not _BREAK_EVEN.search(text):
        found.append("win rate without the rate that breaks even")
    return found
