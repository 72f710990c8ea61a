"""What a connection can do, in a sentence: bring history, tell what is held now, close."""

from __future__ import annotations

from journal.brokers.fetching import Fetcher
from journal.brokers.live import Ability, Closing, Reading
from journal.models import Connection
from journal.services.desks.opening import abilities_of


def can_words(connection: Connection, fetcher: Fetcher | None) -> str:
    """As it is set up now; "" of one that was taken away."""
    can = abilities_of(connection)
    if not can:
        return ""
    if Ability.READ_POSITIONS not in can:
        return (
            "It brings the history only: nobody can ask what is held now, and no guard can close anything there. "
            "A guard on such an account tells you instead."
        )
    told = "It brings the history and tells what is held now"
    if Ability.CLOSE in can:
        return f"{told}, and guards may close positions through it."
    if connection.is_pushed:
        return (
            f"{told}. Guards close nothing through it: the settings of the bridge do not allow it."
        )
    if fetcher is None or not isinstance(fetcher, Closing):
        return f"{told}. No guard can close anything there."
    return f"{told}. Guards close nothing through it as long as “Closing by guards” says so."


def offers(fetcher: Fetcher) -> str:
    """Of a broker, before it is connected."""
    if not isinstance(fetcher, Reading):
        return "history only"
    told = "history, what is held now"
    return f"{told}, closing by guards" if isinstance(fetcher, Closing) else told
