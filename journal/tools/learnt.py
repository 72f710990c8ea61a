"""What was learnt: nothing yet, which is told as such."""

from __future__ import annotations

from typing import Any

from journal.tools.registry import Arguments, Call


class Nothing(Arguments):
    pass


def get_learned_parameters(call: Call, wanted: Nothing) -> dict[str, Any]:
    return {
        "grade": "none",
        "parameters": [],
        "message": "No parameter was learnt in this workspace, so there is none to use or to recommend. What a scanner "
        "uses was set by whoever runs it.",
    }
