"""Connections to brokers: connect, watch a pull, see what is complete and what is missing, take away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, Rejected
from common.htmx import into, redirect, render_fragment, wants_fragment
from common.queue import enqueue
from journal import tasks
from journal.brokers.fetchers import UnknownFetcher, get_fetcher, list_fetchers
from journal.brokers.fetching import Fetcher, PullFault
from journal.forms import AskForm, BridgeForm, ConnectionForm, CredentialsForm, LiveForm, list_zones
from journal.models import Connection, PullKind
from journal.selectors.connections import get_connection, list_connections, standings_of
from journal.services.pulls import connections as services
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.credentials import credentials_of
from journal.services.pulls.environment import ensure_environment_connections
from journal.views.connection_abilities import offers
from journal.views.connection_pages import connection_row, describe, progress_of


@require_safe
def connections(request: WorkspaceRequest) -> HttpResponse:
    ensure_environment_connections(settings.ENVIRONMENT_CONNECTIONS)
    found = list(list_connections())
    standings = standings_of(found, now=timezone.now())
    rows = [connection_row(one, standings[one.pk]) for one in found]
    context = {
        "rows": rows,
        "is_busy": any(row["standing"].current for row in rows),
        "can_write": request.membership.can_write,
    }
    return render(request, "journal/connections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    """First which broker, then its credentials."""
    require_writer(request.membership)
    fetcher = _fetcher(request.GET.get("broker", ""))
    if fetcher is None:
        brokers = [{"fetcher": one, "offers": offers(one)} for one in list_fetchers()]
        return render(request, "journal/connection_brokers.html", {"brokers": brokers})
    data = request.POST if request.method == "POST" else None
    login = CredentialsForm(fetcher, data)
    usual = {"name": fetcher.label, "zone": request.user.zone, **services.usual_schedule(fetcher)}
    form = ConnectionForm(data, initial=usual)
    if data is not None and login.is_valid() and form.is_valid():
        made = _create(request, fetcher, login, form)
        if made is not None:
            return redirect(request, "journal:connection", made.pk)
    context = {"fetcher": fetcher, "login": login, "form": form, "zones": list_zones()}
    status = 422 if login.errors or form.errors else 200
    return render(request, "journal/connection_new.html", context, status=status)


@require_safe
def new_live(request: WorkspaceRequest) -> HttpResponse:
    """What to do, as the connection is made by the service itself."""
    require_writer(request.membership)
    context = {"workspace_slug": request.workspace.slug}
    return render(request, "journal/connection_live.html", context)


def _fetcher(slug: str) -> Fetcher | None:
    try:
        return get_fetcher(slug)
    except UnknownFetcher:
        return None


def _create(
    request: WorkspaceRequest, fetcher: Fetcher, login: CredentialsForm, form: ConnectionForm
) -> Connection | None:
    values = {**form.cleaned_data, "name": form.cleaned_data["name"] or fetcher.label}
    try:
        made = services.create_connection(
            request.workspace.pk, fetcher, login.values(), user_id=request.user.pk, **values
        )
    except (AppError, ValidationError) as error:
        _complain(form, error)
        return None
    try:
        _ask(request, made)
    except AppError as error:
        messages.warning(request, error.message)
    return made


def _complain(form: Form, error: AppError | ValidationError) -> None:
    if isinstance(error, AppError):
        form.add_error(None, error.message)
    else:
        form.add_error(None, ValidationError(error.messages))


def _ask(request: WorkspaceRequest, connection: Connection, **asked: Any) -> None:
    pull = ask_pull(connection, user_id=request.user.pk, source="page", **asked)
    enqueue(tasks.pull_connection, pull.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: WorkspaceRequest, connection_id: int) -> HttpResponse:
    found = get_connection(connection_id)
    if request.method != "POST":
        return _answer(request, found)
    require_writer(request.membership)
    form = _form_class(found)(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form, status=422)
    values = {**form.cleaned_data, "name": form.cleaned_data["name"] or found.name}
    try:
        services.change_connection(found, **values)
    except (AppError, ValidationError) as error:
        _complain(form, error)
        return _page(request, found, form=form, status=422)
    messages.success(request, "Saved.")
    return redirect(request, "journal:connection", found.pk)


def _answer(request: WorkspaceRequest, found: Connection) -> HttpResponse:
    """The page; or, for htmx, how far its pull is, and the whole page when that is over."""
    if not wants_fragment(request):
        return _page(request, found)
    standing = standings_of([found], now=timezone.now())[found.pk]
    if standing.current is not None:
        context = {"work": progress_of(found, standing.current)}
        return render_fragment(request, "journal/connection.html#progress", context)
    return into(_page(request, found), "#connection", swap="outerHTML")


def _page(
    request: WorkspaceRequest,
    found: Connection,
    *,
    form: Form | None = None,
    login: CredentialsForm | None = None,
    status: int = 200,
) -> HttpResponse:
    fetcher = _fetcher(found.fetcher)
    context = {
        "connection": found,
        "can_write": request.membership.can_write and found.disconnected_at is None,
        "form": form or _form_of(found),
        "login": login or (_login_of(found, fetcher) if fetcher else None),
        "zones": list_zones(),
        **describe(found, fetcher, request.GET),
    }
    return render_fragment(request, "journal/connection.html#body", context, status=status)


def _form_class(found: Connection) -> type[Form]:
    if found.is_live:
        return LiveForm
    return BridgeForm if found.is_pushed else ConnectionForm


def _form_of(found: Connection) -> Form:
    if found.is_live:
        return LiveForm(initial={"name": found.name})
    if found.is_pushed:
        return BridgeForm(initial={"name": found.name, "zone": found.zone})
    return ConnectionForm(
        initial={
            "name": found.name,
            "schedule": found.schedule,
            "pull_at_minutes": found.pull_at_minutes,
            "zone": found.zone,
            "account_numbers": ", ".join(found.account_numbers),
            "history_from": found.history_from,
        }
    )


def _login_of(
    found: Connection, fetcher: Fetcher, data: Mapping[str, Any] | None = None
) -> CredentialsForm:
    return CredentialsForm(fetcher, data, stored=_stored(found))


def _stored(found: Connection) -> dict[str, str]:
    """Nothing where they are the operator's, taken away, or cannot be read: then all have to be entered."""
    if found.is_from_environment or found.disconnected_at is not None:
        return {}
    try:
        return credentials_of(found)
    except PullFault:
        return {}


def _to_change(request: WorkspaceRequest, connection_id: int) -> Connection:
    found = get_connection(connection_id)
    require_writer(request.membership)
    return found


@require_POST
def credentials(request: WorkspaceRequest, connection_id: int) -> HttpResponse:
    """New ones are tried at once."""
    found = _to_change(request, connection_id)
    login = _login_of(found, services.fetcher_named(found.fetcher), request.POST)
    if not login.is_valid():
        return _page(request, found, login=login, status=422)
    try:
        services.change_connection(found, credentials=login.values())
    except AppError as error:
        _complain(login, error)
        return _page(request, found, login=login, status=422)
    return _pull(request, found, "Saved. They are tried now.")


@require_POST
def pull(request: WorkspaceRequest, connection_id: int) -> HttpResponse:
    found = _to_change(request, connection_id)
    form = AskForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write a number of days from 1 to 36,500, or leave it empty.")
        return redirect(request, "journal:connection", found.pk)
    return _pull(request, found, days_back=form.cleaned_data["days_back"])


@require_POST
def check(request: WorkspaceRequest, connection_id: int) -> HttpResponse:
    return _pull(request, _to_change(request, connection_id), kind=PullKind.CHECK)


def _pull(
    request: WorkspaceRequest, found: Connection, words: str = "", **asked: Any
) -> HttpResponse:
    try:
        _ask(request, found, **asked)
    except AppError as error:
        messages.warning(request, error.message)
    else:
        if words:
            messages.success(request, words)
    return redirect(request, "journal:connection", found.pk)


@require_POST
def pause(request: WorkspaceRequest, connection_id: int) -> HttpResponse:
    """Pauses it, or lets it go on."""
    found = _to_change(request, connection_id)
    if found.paused_at is None:
        services.pause_connection(found)
        messages.success(
            request, f"{found} is paused.{' “Pull now” still works.' if found.is_asked else ''}"
        )
    else:
        services.unpause_connection(found)
        messages.success(request, f"{found} goes on. What was missed is asked for next.")
    return redirect(request, "journal:connection", found.pk)


@require_POST
def disconnect(request: WorkspaceRequest, connection_id: int) -> HttpResponse:
    found = _to_change(request, connection_id)
    try:
        services.disconnect(found)
    except Rejected as error:
        messages.warning(request, error.message)
        return redirect(request, "journal:connection", found.pk)
    messages.success(
        request, f"{found} is disconnected and its credentials are forgotten. The book stays."
    )
    return redirect(request, "journal:connections")
