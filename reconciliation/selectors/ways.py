"""By which connection an account is closed."""

from __future__ import annotations

from journal.brokers.live import Ability
from journal.models import BrokerAccount, Connection
from journal.services.desks.opening import abilities_of
from reconciliation.selectors.connections import connections_of


def way_of(account: BrokerAccount) -> Connection | None:
    """The one that can do most for it: close, or else tell what it holds. None where there is no such."""
    for ability in (Ability.CLOSE, Ability.READ_POSITIONS):
        found = connections_of([account], fits=lambda one, can=ability: can in abilities_of(one))  # type: ignore[misc]
        if account.pk in found:
            return found[account.pk]
    return None
