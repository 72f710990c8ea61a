"""States of the policy as JSON, as versions keep them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from learning.domain.parameters.policy import Move, State, Verdict


def state_as_json(state: State) -> dict[str, Any]:
    moves = [{**asdict(one), "verdict": one.verdict.value} for one in state.moves]
    return {"settings": dict(state.settings), "version": state.version, "moves": moves}


def state_from_json(told: Mapping[str, Any]) -> State:
    """Numbers may be Decimal, as the database gives them."""
    settings = {name: float(value) for name, value in told["settings"].items()}
    return State(settings, int(told["version"]), tuple(map(_move, told["moves"])))


def _move(told: Mapping[str, Any]) -> Move:
    return Move(
        parameter=told["parameter"],
        before=float(told["before"]),
        after=float(told["after"]),
        at=int(told["at"]),
        version=int(told["version"]),
        verdict=Verdict(told["verdict"]),
        made=None if told["made"] is None else float(told["made"]),
        judged=None if told["judged"] is None else int(told["judged"]),
        settled_at=None if told["settled_at"] is None else int(told["settled_at"]),
    )
