"""The state of a pull, written by the one worker whose turn it is.

A worker may be cut off for a while, lose its lock and not know: another one has taken the pull up by then, or has ended
it. What the first one writes must not undo that.
"""

from __future__ import annotations

from typing import Any

from journal.models import Pull
from journal.services.locks import HeldConnection
from journal.services.pulls.unchanged import PullInterrupted


def check_held(held: HeldConnection) -> None:
    """Raises PullInterrupted where somebody else may be at it."""
    if not held.is_held():
        raise PullInterrupted("The lock on the connection is lost.")


def write_state(pull: Pull, **values: Any) -> None:
    """Only where the pull is still as this worker has read or left it: whoever takes one up counts its attempts on.

    Raises PullInterrupted where it is not.
    """
    ours = Pull.objects.filter(pk=pull.pk, state=pull.state, attempts=pull.attempts)
    if not ours.update(**values):
        raise PullInterrupted("Another worker has taken the pull up.")
    for name, value in values.items():
        setattr(pull, name, value)
