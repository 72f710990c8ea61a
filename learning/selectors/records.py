"""What is known of one symbol, from what is stored."""

from __future__ import annotations

import json
from typing import Any

from common.errors import NotFound
from learning.domain.words.symbols import symbol_words
from learning.models import MetricState, Part, SymbolChange, SymbolStanding
from learning.selectors.parameters import latest_run

SIZES = {"reduced": 0.5, "paper_only": 0.0}
_STEPS = 20


def record_of(workspace_id: int, symbol: str) -> dict[str, Any]:
    """Of a symbol that was never traded: normal, with no trades. Raises NotFound for what can be no symbol."""
    name = symbol.strip().upper()[:64]
    if "\0" in name:
        raise NotFound("symbol_not_found", "A symbol has no such characters.")
    found = SymbolStanding.objects.filter(workspace_id=workspace_id, symbol__iexact=name).first()
    figures = MetricState.objects.filter(
        workspace_id=workspace_id, part=Part.SYMBOL, key__iexact=name
    ).order_by("currency")
    steps = SymbolChange.objects.select_related("made_by").filter(
        workspace_id=workspace_id, symbol__iexact=name
    )
    standing = "normal" if found is None else found.standing
    evidence = {} if found is None else found.evidence
    return {
        "symbol": name if found is None else found.symbol,
        "standing": standing,
        "size": SIZES.get(standing, 1.0),
        "since": None if found is None else found.since,
        "as_of": None if found is None else found.as_of,
        "n": 0 if found is None else found.n,
        "evidence": evidence,
        "words": symbol_words(name if found is None else found.symbol, standing, evidence),
        "figures": {one.currency: one.figures for one in figures},
        "simple_rule": _simple(workspace_id, name),
        "changes": list(steps.order_by("-at", "-id")[:_STEPS]),
    }


def _simple(workspace_id: int, symbol: str) -> str:
    run = latest_run(workspace_id)
    if run is None:
        return ""
    told = json.loads(run.result)["seed"]
    for name in ("blacklist", "favoured"):
        if symbol in (one.upper() for one in told[name]):
            return name
    return ""
