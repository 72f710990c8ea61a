"""Movements of cash that a person enters by hand."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError
from common.htmx import redirect
from common.queue import enqueue
from journal import tasks
from journal.forms.cash import CashForm
from journal.selectors.imports import list_known_accounts
from journal.services import imports
from journal.services.cash_entries import enter_cash


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    if request.method != "POST":
        return _page(request, CashForm(initial={"account": request.GET.get("account", "")}))
    form = CashForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        batch = enter_cash(request.workspace.pk, form.entry(), user_id=request.user.pk)
    except AppError as error:
        form.add_error(None, error.message)
        return _page(request, form, status=error.status)
    imports.confirm_import(batch)
    enqueue(tasks.run_import, batch.pk)
    return redirect(request, "journal:import", batch.pk)


def _page(request: WorkspaceRequest, form: CashForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "has_accounts": list_known_accounts().exists()}
    return render(request, "journal/cash_entry.html", context, status=status)
