"""Accounts at brokers: what is known of each, and what people decide about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import WorkspaceRequest, require_owner, require_writer
from common.choices import enum_choices
from common.errors import Conflict, Rejected
from common.htmx import redirect
from common.queue import enqueue
from common.words import tidy
from journal import tasks
from journal.brokers.base import CashKind
from journal.forms import AccountForm, AccountSettingsForm, NewAccountForm, list_zones
from journal.models import BrokerAccount
from journal.selectors import accounts as selectors
from journal.selectors.positions import list_positions
from journal.services import accounts as services
from journal.services import erasure
from journal.views.frame import trades_url

CASH_ROWS = 25
CASH_KINDS = dict(enum_choices(CashKind))
STATEMENTS = 12


@require_http_methods(["GET", "HEAD"])
def accounts(request: WorkspaceRequest) -> HttpResponse:
    activity = selectors.activity_by_account()
    everything = list(selectors.list_accounts())
    context = {
        "rows": [_row(one, activity) for one in everything if one.archived_at is None],
        "archived": [_row(one, activity) for one in everything if one.archived_at is not None],
        "can_write": request.membership.can_write,
        "is_busy": any(one.erasure_asked_at or one.rebook_asked_at for one in everything),
    }
    return render(request, "journal/accounts.html", context)


def _row(account: BrokerAccount, activity: dict[int, selectors.Activity]) -> dict[str, Any]:
    return {
        "account": account,
        "activity": activity.get(account.pk, selectors.NO_ACTIVITY),
        "url": reverse("journal:account", args=[account.pk]),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    """An account of which no statement is imported: for trades that are entered by hand."""
    require_writer(request.membership)
    form = NewAccountForm(
        request.POST or None,
        initial={"base_currency": request.workspace.base_currency, "zone": ""},
    )
    if request.method == "POST" and form.is_valid():
        account = _create(request, form)
        if account is not None:
            messages.success(request, f"{account} is there. Import a statement of it next.")
            return redirect(request, "journal:account", account.pk)
    context = {"form": form, "zones": list_zones()}
    status = 422 if form.errors else 200
    return render(request, "journal/account_new.html", context, status=status)


def _create(request: WorkspaceRequest, form: NewAccountForm) -> BrokerAccount | None:
    try:
        return services.create_account(request.workspace.pk, **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def account(request: WorkspaceRequest, account_id: int) -> HttpResponse:
    found = selectors.get_account(account_id)
    if request.method != "POST":
        return _page(request, found, AccountSettingsForm(instance=found))
    require_writer(request.membership)
    form = AccountSettingsForm(request.POST, instance=found)
    if not form.is_valid():
        return _page(request, found, form, status=422)
    try:
        alters_book = services.change_account(found, **form.changes)
    except ValidationError as error:
        form.add_error(None, ValidationError(error.messages))
        return _page(request, found, form, status=422)
    except Rejected as error:
        form.add_error("reason", error.message)
        return _page(request, found, form, status=422)
    if alters_book:
        enqueue(tasks.rebook_account, found.pk)
        messages.info(
            request, "Saved. The book of this account is being derived anew from its fills."
        )
    else:
        messages.success(request, "Saved.")
    return redirect(request, "journal:account", found.pk)


@require_POST
def archive(request: WorkspaceRequest, account_id: int) -> HttpResponse:
    """Puts it away, or back."""
    require_writer(request.membership)
    found = selectors.get_account(account_id)
    if found.archived_at is None:
        services.archive_account(found)
        messages.success(request, f"{found} is put away. What was traded there still counts.")
    else:
        services.unarchive_account(found)
        messages.success(request, f"{found} is back.")
    return redirect(request, "journal:account", found.pk)


@require_POST
def erase(request: WorkspaceRequest, account_id: int) -> HttpResponse:
    """For good: evidence, book, notes and files. Its number has to be typed."""
    found = selectors.get_account(account_id)
    require_owner(request.membership)
    try:
        erasure.ask_erasure(
            found,
            confirm=request.POST.get("confirm", ""),
            reason=tidy(request.POST.get("reason", ""))[:255],
            author_id=request.user.pk,
        )
    except Rejected as error:
        messages.error(request, f"Nothing was erased. {error.message}")
        return redirect(request, "journal:account", found.pk)
    except Conflict as error:
        messages.warning(request, error.message)
        return redirect(request, "journal:account", found.pk)
    enqueue(tasks.erase_account, found.pk)
    messages.info(
        request,
        f"{found.broker_id} is being erased, with everything that is known of it. Files that speak of other "
        "accounts too are kept for those.",
    )
    return redirect(request, "journal:accounts")


def _page(
    request: WorkspaceRequest, account: BrokerAccount, form: AccountForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "account": account,
        "form": form,
        "zones": list_zones(),
        "can_write": request.membership.can_write,
        "can_erase": request.membership.is_owner and account.erasure_asked_at is None,
        "activity": selectors.activity_by_account().get(account.pk, selectors.NO_ACTIVITY),
        "positions": list_positions(account.workspace_id, account_ids=[account.pk]),
        "balances": selectors.list_balances(account),
        "nav": selectors.latest_nav(account),
        "trades_url": trades_url(accounts=account.pk),
        "ask_archive": _archive_question(account),
        **_coverage(account),
        **_cash(request, account),
    }
    return render(request, "journal/account.html", context, status=status)


def _coverage(account: BrokerAccount) -> dict[str, Any]:
    statements = selectors.list_coverage(account)
    return {
        "statements": statements[:STATEMENTS],
        "more_statements": max(0, len(statements) - STATEMENTS),
        "gaps": selectors.list_gaps(statements),
    }


def _cash(request: WorkspaceRequest, account: BrokerAccount) -> dict[str, Any]:
    page = selectors.list_cash(account, limit=CASH_ROWS, cursor=request.GET.get("cursor", ""))
    return {
        "cash": page.rows,
        "cash_sums": [(CASH_KINDS[kind], *sums) for kind, *sums in selectors.sum_cash(account)],
        "page": {
            "previous": f"?cursor={page.previous}#cash" if page.previous else None,
            "next": f"?cursor={page.next}#cash" if page.next else None,
        },
    }


def _archive_question(account: BrokerAccount) -> dict[str, Any]:
    return {
        "button": "Put away",
        "heading": "Put this account away?",
        "words": "It leaves the menus. What was traded there still counts in every figure, and you can take it back.",
        "url": reverse("journal:account-archive", args=[account.pk]),
        "action": "Put it away",
        "danger": False,
    }
