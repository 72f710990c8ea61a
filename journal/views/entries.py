"""Fills and trades that a person enters by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError
from common.htmx import redirect
from common.queue import enqueue
from journal import tasks
from journal.forms import list_zones
from journal.forms.entries import EntryForm
from journal.models import BrokerAccount, Instrument
from journal.selectors.contracts import find_contracts, get_contract
from journal.selectors.imports import list_known_accounts
from journal.services import imports
from journal.services.entries import enter

_NUMBER_LENGTH_MAX = 19


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    now = timezone.now()
    if request.method != "POST":
        return _page(request, EntryForm(initial=_initial(request), now=now), None)
    known = _chosen(request.POST.get("instrument", ""))
    if "look" in request.POST:
        # Only what is known by that name is looked up: nothing is complained of yet.
        shown = {name: request.POST[name] for name in EntryForm.base_fields if name in request.POST}
        return _page(request, EntryForm(initial=shown, now=now), known)
    form = EntryForm(request.POST, now=now, known=known)
    if not form.is_valid():
        return _page(request, form, known, status=422)
    return _entered(request, form, known)


def _entered(request: WorkspaceRequest, form: EntryForm, known: Instrument | None) -> HttpResponse:
    try:
        batch = enter(request.workspace.pk, form.entry(), user_id=request.user.pk)
    except AppError as error:
        form.add_error(None, error.message)
        return _page(request, form, known, status=error.status)
    except ValidationError as error:
        form.add_error("account_number", error.messages)
        return _page(request, form, known, status=422)
    if "preview" in request.POST:
        enqueue(tasks.preview_import, batch.pk)
    else:
        imports.confirm_import(batch)
        enqueue(tasks.run_import, batch.pk)
    if "another" in request.POST:
        messages.success(request, f"{batch.file}: entered.")
        return redirect(request, f"{request.path}?account={batch.account_id}")
    return redirect(request, "journal:import", batch.pk)


@require_safe
def contracts(request: WorkspaceRequest) -> HttpResponse:
    """Known contracts by what is being typed."""
    found = find_contracts(request.GET.get("symbol", ""))
    context = {"contracts": found, "chosen": request.GET.get("instrument", "")}
    return render(request, "journal/entry_contracts.html", context)


def _chosen(instrument_id: str) -> Instrument | None:
    """Raises NotFound for a number that is nobody's here."""
    is_number = instrument_id.isdecimal() and len(instrument_id) < _NUMBER_LENGTH_MAX
    return get_contract(int(instrument_id)) if is_number else None


def _initial(request: WorkspaceRequest) -> dict[str, Any]:
    """The account that is asked for, else the only one there is, in its own zone."""
    accounts = list(list_known_accounts())
    wanted = request.GET.get("account", "")
    account = next(
        (one for one in accounts if str(one.pk) == wanted),
        accounts[0] if len(accounts) == 1 else None,
    )
    return {"account": account, "zone": _zone(account, accounts)}


def _zone(account: BrokerAccount | None, accounts: list[BrokerAccount]) -> str:
    if account is not None:
        return account.zone
    zones = {one.zone for one in accounts}
    return zones.pop() if len(zones) == 1 else ""


def _page(
    request: WorkspaceRequest, form: EntryForm, known: Instrument | None, *, status: int = 200
) -> HttpResponse:
    typed = str(form["symbol"].value() or "")
    found = find_contracts(typed)
    if known is not None and known not in found:
        found = [known, *found]
    context = {
        "form": form,
        "zones": list_zones(),
        "contracts": found,
        "chosen": str(known.pk) if known else "",
        "has_accounts": list_known_accounts().exists(),
    }
    return render(request, "journal/entry.html", context, status=status)
