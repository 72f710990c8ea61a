"""What comes by itself, with a bridge's push or a statement, once the book has it."""

from __future__ import annotations

from journal.services.readings import HandedUp
from reconciliation.models import Heard
from reconciliation.services.cycle import take_reading


def take_handed_up(one: HandedUp) -> None:
    """The same from there on as if the broker had been asked. An account that is being erased is left alone."""
    if one.account.erasure_asked_at is None:
        heard = Heard(one.heard.value)
        take_reading(one.account, one.connection, one.reading, heard=heard, source=heard.value)
