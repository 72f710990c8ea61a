"""A guard over what was read of an account, before it is armed."""

from __future__ import annotations

from datetime import datetime

from common.errors import Rejected
from journal.models import BrokerAccount
from reconciliation.domain.guards import simulating
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.simulating import Simulation, TooLittle
from reconciliation.selectors.flows import flows_since
from reconciliation.selectors.guards import currency_kept
from reconciliation.services.guards.worth import history_of


def simulate(
    version: Version, account: BrokerAccount, since: datetime, until: datetime
) -> Simulation:
    """Changes nothing. Raises Rejected where there is too little of the past, or a flow in it has no known worth."""
    samples = [one for one in history_of(account.pk) if since <= one.at <= until]
    try:
        if not samples:
            raise TooLittle("Nothing was read of this account in that time.")
        booked = flows_since(
            account.workspace_id, {account.pk: samples[0].at}, {account.pk: currency_kept(account)}
        ).get(account.pk)
        if booked is not None and not booked.is_whole:
            raise TooLittle("A deposit or withdrawal of that time is in a currency without a rate.")
        return simulating.simulate(version, samples, booked.known if booked else ())
    except TooLittle as lack:
        raise Rejected("history_too_short", str(lack)) from None
