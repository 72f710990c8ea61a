"""How accounts count where nobody chose it: as the statements that were imported say, whichever came first.

What a person chose (`BrokerAccount.chosen`) no statement overrules. All else follows from evidence, so an import that
is undone takes its word with it.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from journal.brokers.base import StatementInfo
from journal.brokers.registry import zone_of_broker
from journal.domain.account_terms import Terms, settle_terms
from journal.domain.identity import digest
from journal.domain.values import LotMethod
from journal.models import AccountTermsReport, BrokerAccount, ImportBatch
from journal.reading.lines import without_nul


def terms_of(info: StatementInfo, broker: str, *, zone: str) -> Terms:
    """`zone` is what the file says of the trading day. It counts for brokers that no reader knows: others have their
    own."""
    counts = zone and not zone_of_broker(broker, "")
    return Terms(info.stated_at, info.is_hedging, info.lot_method, zone if counts else "")


def note_terms(
    batch: ImportBatch, account: BrokerAccount, info: StatementInfo, terms: Terms
) -> None:
    """Keep what the statement says, if anything. Saying it again changes nothing."""
    if not terms.values:
        return
    key = digest(terms.stated_at, terms.is_hedging, terms.lot_method, terms.zone)
    report = AccountTermsReport(
        workspace_id=batch.workspace_id,
        batch=batch,
        account=account,
        row=info.row,
        raw=without_nul(info.raw),
        event_key=f"terms:{key}"[:96],
        stated_at=terms.stated_at,
        lot_method=terms.lot_method or "",
        is_hedging=terms.is_hedging,
        zone=terms.zone,
    )
    AccountTermsReport.objects.bulk_create([report], ignore_conflicts=True)


def stated_terms(account: BrokerAccount) -> dict[str, Any]:
    """All that can be chosen, as the imported statements have it; what none of them says is as for a new account."""
    reports = AccountTermsReport.objects.filter(account=account, batch__withdrawn_at=None)
    otherwise = {
        "is_hedging": False,
        "lot_method": LotMethod.FIFO.value,
        "zone": zone_of_broker(account.broker),
    }
    return otherwise | settle_terms(one.terms for one in reports).values


def adopt_terms(account: BrokerAccount, said: dict[str, Any]) -> bool:
    """Have the account count as its statements say. Whether that is otherwise than before: then it has to be booked
    anew. `said` are values that came or went: nothing else is looked at.
    """
    if all(getattr(account, name) == value for name, value in said.items()):
        return False
    with transaction.atomic():
        # A person may be choosing just now.
        fresh = BrokerAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
        stated = stated_terms(fresh)
        changed = {
            name: stated[name]
            for name in said.keys() - set(fresh.chosen)
            if getattr(fresh, name) != stated[name]
        }
        for name, value in changed.items():
            setattr(account, name, value)
        account.save(update_fields=sorted(changed))
    return bool(changed)


def adopt_without(batch: ImportBatch) -> set[int]:
    """After the batch was withdrawn: the accounts that count otherwise without its word."""
    reports = AccountTermsReport.objects.filter(batch=batch).select_related("account")
    changed = set()
    for report in reports.order_by("account_id"):
        account = report.account
        # Whatever it said of them is open again.
        said = dict.fromkeys(report.terms.values)
        if adopt_terms(account, said):
            changed.add(account.pk)
    return changed
