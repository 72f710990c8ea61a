"""Prices: which there are, and files of them in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError
from common.htmx import redirect
from common.queue import enqueue
from journal import tasks
from journal.forms import PriceForm, list_zones
from journal.models import PriceFileState
from journal.selectors.prices import get_series, list_price_files, list_series
from journal.services.prices.files import receive_price_file
from journal.services.prices.storing import delete_series

_SERIES_MAX = 500
_TONES = {
    PriceFileState.WAITING: "badge--accent",
    PriceFileState.DONE: "",
    PriceFileState.REFUSED: "badge--error",
}


@require_http_methods(["GET", "HEAD", "POST"])
def prices(request: WorkspaceRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, PriceForm())
    require_writer(request.membership)
    form = PriceForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    files = request.FILES.getlist("file")
    taken = 0
    for file in files:
        try:
            received = receive_price_file(
                request.workspace.pk,
                file,
                name=file.name or "prices",
                expected=form.expected(),
                author_id=request.user.pk,
            )
        except AppError as error:
            form.add_error("file", error.message)
            continue
        taken += 1
        enqueue(tasks.read_price_file, received.pk)
    if not taken:
        return _page(request, form, status=422)
    for words in form.errors.get("file", []):
        messages.error(request, str(words))
    messages.success(
        request, "1 file is being read." if taken == 1 else f"{taken} files are being read."
    )
    return redirect(request, "journal:prices")


@require_POST
def delete(request: WorkspaceRequest, series_id: int) -> HttpResponse:
    series = get_series(series_id)
    require_writer(request.membership)
    delete_series(series)
    messages.success(request, f"The prices of {series} are gone.")
    return redirect(request, "journal:prices")


def _page(request: WorkspaceRequest, form: PriceForm, *, status: int = 200) -> HttpResponse:
    files = list_price_files()
    context = {
        "form": form,
        "zones": list_zones(),
        "series": list(list_series()[:_SERIES_MAX]),
        "files": [(file, _TONES[PriceFileState(file.state)]) for file in files],
        "is_busy": any(file.state == PriceFileState.WAITING for file in files),
        "can_write": request.membership.can_write,
        "size_max_bytes": settings.STATEMENT_SIZE_MAX_BYTES,
    }
    return render(request, "journal/prices.html", context, status=status)
