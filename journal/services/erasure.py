"""Erasing a broker account: the one way in which evidence is ever deleted. All of the account goes, or nothing.

Somebody asks for it (`ask_erasure`), a worker does it, in one transaction: a worker that dies has erased nothing, and
the next one begins anew.

What stays: an entry in the audit trail that says who erased an account, when and why, without what it held; tags and
instruments that others use; and a file that speaks of other accounts too, with what those have of it. That file forgets
the account (`journal.services.erased`): only handing it in anew brings the account back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pghistory
import pgtrigger
from django.apps import apps
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django_scopes import scope

from accounts.models import ApiToken
from common.errors import Conflict, Rejected
from journal.models import (
    BrokerAccount,
    DataIssue,
    FileRemoval,
    IdempotentRequest,
    ImportBatch,
    ImportState,
    Instrument,
    IssueDismissal,
    Order,
    StatementFile,
    Trade,
    TradeChain,
)
from journal.models.evidence import Evidence
from journal.selectors.evidence import list_booked_in
from journal.services.booking.rebook import rebook_account
from journal.services.erased import note_erased
from journal.services.evidence import Touched
from journal.services.locks import lock_book, lock_imports
from journal.services.naming import settle_names
from journal.services.plans.settling import list_plans_of, settle_plans
from journal.services.pulls.forgetting import forget_account
from journal.services.recommendations.standing import refresh_standings
from journal.signals import account_erased

UNDER_WAY = (
    ImportState.PREVIEWING,
    ImportState.QUEUED,
    ImportState.RUNNING,
    ImportState.WITHDRAWING,
)

_holds: list[Callable[[BrokerAccount], None]] = []


@dataclass(frozen=True, slots=True)
class Erased:
    """`shared_files` speak of other accounts too and were kept."""

    imports: int
    files: int
    shared_files: int


def check_confirmation(account: BrokerAccount, typed: str) -> None:
    """Raises Rejected unless the account's number was typed: nobody erases by a slip."""
    if typed.strip() != account.broker_id:
        words = f"Type the number of the account, {account.broker_id}, to erase it."
        raise Rejected("erasure_not_confirmed", words, {"confirm": [words]})


@transaction.atomic
def ask_erasure(
    account: BrokerAccount, *, confirm: str, reason: str, author_id: int | None
) -> None:
    """Mark the account as being erased; `erase_account` does it. Raises Rejected unless its number was typed, and
    Conflict when it is being erased already, an import of it is under way, or something else holds it (`offer_hold`).
    """
    check_confirmation(account, confirm)
    _require_idle(_batches_of(account))
    require_free(account)
    asked = BrokerAccount.objects.filter(pk=account.pk, erasure_asked_at=None).update(
        erasure_asked_at=timezone.now(), erasure_reason=reason, erasure_author_id=author_id
    )
    if not asked:
        raise Conflict("erasure_under_way", "This account is being erased already.")


def offer_hold(hold: Callable[[BrokerAccount], None]) -> None:
    """Called once by an app above that knows why an account may not go just now: it raises Conflict then."""
    if hold not in _holds:
        _holds.append(hold)


def require_free(account: BrokerAccount) -> None:
    for hold in _holds:
        hold(account)


def _require_idle(batches: Iterable[ImportBatch]) -> None:
    if any(batch.state in UNDER_WAY for batch in batches):
        raise Conflict(
            "import_under_way",
            "An import of this account is under way. Wait until it is done, then erase the account.",
        )


@transaction.atomic
def erase_account(account: BrokerAccount) -> Erased:
    """What was asked for. Erasing what is gone changes nothing.

    Raises Conflict while an import of the account is under way. Stored files go when the transaction is over.
    """
    lock_imports(account.workspace_id)
    lock_book(account.pk)
    # Notes and tags that are being written now come before, or find no account any more.
    found = BrokerAccount.objects.select_for_update().filter(pk=account.pk).first()
    if found is None:
        return Erased(0, 0, 0)
    account = found
    batches = _batches_of(account)
    _require_idle(batches)
    require_free(account)
    owned = list(_models_of_account())
    followed = _followed_in(account)
    with pgtrigger.ignore(*_protections(owned)):
        instruments = _instruments_of(account)
        planned = list_plans_of(account)
        _forget_answers(account)
        _delete_dismissals(account)
        for model in owned:
            _delete(model.objects.filter(account_id=account.pk))
        erased = _delete_batches(account, batches)
        _delete_instruments(instruments)
    # A plan that is bound to no account loses what came of it here.
    settle_plans(planned)
    _rename(account, instruments)
    # Of others: a proposal for any account, which this one followed.
    refresh_standings(account.workspace_id, followed)
    forget_account(account)
    ApiToken.objects.filter(account_id=account.pk, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    _leave_entry(account)
    account.delete()
    account_erased.send(None, workspace_id=account.workspace_id)
    return erased


def _followed_in(account: BrokerAccount) -> set[str]:
    """The recommendations that orders and trades of the account follow."""
    rows = (model.objects.filter(account_id=account.pk) for model in (Order, TradeChain))
    named = (one.exclude(recommendation_id="") for one in rows)
    return {name for one in named for name in one.values_list("recommendation_id", flat=True)}


def _models_of_account() -> Iterator[Any]:
    """Every table with a row per account, those of the audit trail included, but imports."""
    for model in apps.get_models():
        fields = {field.name: field for field in model._meta.concrete_fields}
        field = fields.get("account")
        if field is not None and field.related_model is BrokerAccount and model is not ImportBatch:
            yield model


def _protections(owned: Iterable[Any]) -> list[str]:
    return [
        f"{model._meta.label}:append_only"
        for model in (*owned, StatementFile)
        if any(trigger.name == "append_only" for trigger in getattr(model._meta, "triggers", ()))
    ]


def _delete(rows: models.QuerySet[Any]) -> None:
    """Without fetching them: nothing hangs on these rows that is not deleted too."""
    rows._raw_delete(rows.db)


def _evidence() -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, Evidence)]


def _batches_of(account: BrokerAccount) -> list[ImportBatch]:
    """All imports of the files that speak of the account, and its own without a file: what bots reported, what was
    entered by hand."""
    held = {
        batch_id
        for model in _evidence()
        for batch_id in model.objects.filter(account=account)
        .order_by()
        .values_list("batch_id", flat=True)
        .distinct()
    }
    number = [{"broker_id": account.broker_id}]
    spoken = (
        Q(pk__in=held)
        | Q(account=account)
        | Q(result__accounts__contains=number)
        | Q(preview__accounts__contains=number)
    )
    files = ImportBatch.objects.filter(spoken, file__isnull=False).values("file_id")
    own = Q(file=None) & (Q(pk__in=held) | Q(account=account))
    return list(ImportBatch.objects.filter(own | Q(file_id__in=files)).order_by("pk"))


def _delete_batches(account: BrokerAccount, batches: list[ImportBatch]) -> Erased:
    """Those of a file that no other account is in, with the file; the others lose what they say of the account."""
    shared = {
        batch.file_id
        for batch in batches
        if batch.file_id is not None and _speaks_of_others(batch, account)
    }
    gone = [batch for batch in batches if batch.file_id not in shared]
    for batch in batches:
        if batch.file_id in shared:
            _silence(batch, account)
    ids = [batch.pk for batch in gone]
    DataIssue.objects.filter(batch_id__in=ids).delete()
    ImportBatch.objects.filter(pk__in=ids).delete()
    files = StatementFile.objects.filter(
        pk__in={batch.file_id for batch in gone if batch.file_id is not None}
    )
    names = list(files.values_list("stored_as", flat=True))
    _delete(files)
    _remove_later(account, names)
    note_erased(account, shared)
    return Erased(imports=len(gone), files=len(names), shared_files=len(shared))


def _remove_later(account: BrokerAccount, names: list[str]) -> None:
    """When the transaction is over; the rows say what is left to do where somebody pulls the plug just then."""
    removals = [FileRemoval(workspace_id=account.workspace_id, stored_as=name) for name in names]
    for removal in FileRemoval.objects.bulk_create(removals):
        transaction.on_commit(partial(remove_file, removal))


def remove_file(removal: FileRemoval) -> None:
    """Unless the same content was handed in again in the meantime. Removing twice changes nothing."""
    with scope(workspace=removal.workspace_id):
        if not StatementFile.objects.filter(stored_as=removal.stored_as).exists():
            default_storage.delete(removal.stored_as)
        FileRemoval.objects.filter(pk=removal.pk).delete()


def _rename(account: BrokerAccount, instruments: set[int]) -> None:
    """What only this account's files called so has the name that the others know."""
    left = Instrument.objects.filter(pk__in=instruments).values_list("pk", flat=True)
    changed = settle_names(account.workspace_id, list(left))
    touched: dict[int, Touched] = {}
    for account_id, instrument_id in list_booked_in(account.workspace_id, changed):
        touched.setdefault(account_id, Touched()).add(instrument_id, None)
    for other in BrokerAccount.objects.filter(pk__in=touched).order_by("pk"):
        rebook_account(other, touched=touched[other.pk].since)


def _speaks_of_others(batch: ImportBatch, account: BrokerAccount) -> bool:
    said = [*_accounts(batch.result), *_accounts(batch.preview)]
    return any(one["broker_id"] != account.broker_id for one in said) or any(
        model.objects.filter(batch=batch).exists() for model in _evidence()
    )


def _accounts(said: dict[str, Any] | None) -> list[dict[str, Any]]:
    accounts: list[dict[str, Any]] = (said or {}).get("accounts", [])
    return accounts


def _silence(batch: ImportBatch, account: BrokerAccount) -> None:
    if batch.account_id == account.pk:
        batch.account = None
    for said in (batch.result, batch.preview):
        if said is None:
            continue
        said["accounts"] = [
            one for one in said["accounts"] if one["broker_id"] != account.broker_id
        ]
        said["problems"] = [
            one for one in said["problems"] if one.get("account") != account.broker_id
        ]
    batch.save(update_fields=["account", "result", "preview"])


def _instruments_of(account: BrokerAccount) -> set[int]:
    return {
        instrument_id
        for model in _evidence()
        if _has_instrument(model)
        for instrument_id in model.objects.filter(account=account)
        .order_by()
        .values_list("instrument_id", flat=True)
        .distinct()
        if instrument_id is not None
    }


def _has_instrument(model: type[models.Model]) -> bool:
    return any(field.name == "instrument" for field in model._meta.concrete_fields)


def _delete_instruments(candidates: set[int]) -> None:
    """Contracts that nobody else's evidence names."""
    for model in _evidence():
        if _has_instrument(model):
            named = model.objects.filter(instrument_id__in=candidates).order_by()
            candidates = candidates - set(named.values_list("instrument_id", flat=True).distinct())
    derivatives = Instrument.objects.exclude(pk__in=candidates).filter(underlying__in=candidates)
    candidates = candidates - set(derivatives.values_list("underlying_id", flat=True))
    Instrument.objects.filter(pk__in=candidates).delete()
    apps.get_model("journal", "InstrumentEvent").objects.filter(pgh_obj_id__in=candidates).delete()


def _delete_dismissals(account: BrokerAccount) -> None:
    issues = DataIssue.objects
    own = set(issues.filter(account=account).values_list("fingerprint", flat=True))
    others = issues.filter(fingerprint__in=own).exclude(account=account)
    lone = own - set(others.values_list("fingerprint", flat=True))
    IssueDismissal.objects.filter(fingerprint__in=lone).delete()
    trail = apps.get_model("journal", "IssueDismissalEvent")
    trail.objects.filter(workspace_id=account.workspace_id, fingerprint__in=lone).delete()


def _forget_answers(account: BrokerAccount) -> None:
    """What was answered to writes over the API is kept for a day, and speaks of accounts and trades."""
    trades = Trade.objects.filter(account=account).values("pk")
    answers = IdempotentRequest.objects.annotate(words=Cast("body", TextField()))
    answers.filter(
        Q(words__contains=f'"{account.broker_id}"')
        | Q(body__account=account.pk)
        | Q(body__trade__in=list(trades.values_list("pk", flat=True)))
    ).delete()


def _leave_entry(account: BrokerAccount) -> None:
    reason, author_id = account.erasure_reason, account.erasure_author_id
    trail: Any = apps.get_model("journal", "BrokerAccountEvent")
    trail.objects.filter(pgh_obj_id=account.pk).delete()
    nameless = BrokerAccount(
        pk=account.pk, workspace_id=account.workspace_id, created_at=account.created_at
    )
    said = {"reason": reason} if reason else {}
    with pghistory.context(**said, **({"user": author_id} if author_id else {})):
        pghistory.create_event(nameless, label="erase")
