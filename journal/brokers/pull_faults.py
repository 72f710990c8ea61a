"""What goes wrong with any broker's API in the same way. `name` is the broker's own."""

from __future__ import annotations

from datetime import timedelta

from journal.brokers.fetching import PullFault, Verdict


def too_many_requests(name: str, wait: timedelta | None) -> PullFault:
    return PullFault(
        "too_many_requests",
        f"{name} asks us to slow down (429). The next attempt comes by itself.",
        Verdict.LATER,
        wait=wait,
    )


def half_answer(name: str) -> PullFault:
    return PullFault(
        "half_answer",
        f"{name}'s answer was not complete. Nothing of it was used; the next attempt comes by itself.",
        Verdict.LATER,
    )
