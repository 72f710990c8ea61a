"""Bridges beside MetaTrader terminals: connect one, and tell it its secret, once."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, NotFound
from journal.domain.zones import NEW_YORK_CLOSE
from journal.forms import BridgeForm, list_zones
from journal.models import Connection
from journal.selectors.connections import get_connection
from journal.services.bridges.connecting import LABEL, connect_bridge, renew_secret


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    data = request.POST if request.method == "POST" else None
    form = BridgeForm(data, initial={"name": LABEL, "zone": NEW_YORK_CLOSE})
    if data is not None and form.is_valid():
        try:
            made, secret = connect_bridge(
                request.workspace.pk, **form.cleaned_data, user_id=request.user.pk
            )
        except (AppError, ValidationError) as error:
            form.add_error(None, error.message if isinstance(error, AppError) else error)
        else:
            return _told(request, made, secret)
    context = {"form": form, "zones": list_zones()}
    return render(request, "journal/bridge_new.html", context, status=422 if form.errors else 200)


@never_cache
@require_POST
def secret(request: WorkspaceRequest, connection_id: int) -> HttpResponse:
    """A new one, which ends the former."""
    found = get_connection(connection_id)
    if not found.is_pushed:
        raise NotFound("connection_not_found", "There is no such connection in this workspace.")
    require_writer(request.membership)
    return _told(request, found, renew_secret(found), is_new=False)


def _told(
    request: WorkspaceRequest, connection: Connection, secret: str, *, is_new: bool = True
) -> HttpResponse:
    """The only page that ever shows it."""
    context = {
        "connection": connection,
        "secret": secret,
        "address": request.build_absolute_uri("/").rstrip("/"),
        "is_new": is_new,
    }
    return render(request, "journal/bridge_secret.html", context)
