"""Statements in: drop a file, see what it holds, confirm, watch, undo."""

from __future__ import annotations

import io

from celery import Task
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError
from common.htmx import into, redirect, render_fragment, wants_fragment
from common.queue import enqueue
from journal import tasks
from journal.forms import ExpectationForm, PasteForm, UploadForm, list_zones
from journal.models import ImportBatch
from journal.selectors.imports import count_waiting, get_import, list_imports
from journal.services import imports as services
from journal.services.captures.booking import bring_back
from journal.services.mappings import SLUG as MAPPED
from journal.views.captured_pages import describe_captured, waiting_words
from journal.views.import_pages import BUSY, describe, history_row, progress_of

ROWS = 50


@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: WorkspaceRequest) -> HttpResponse:
    if request.method != "POST":
        return _index(request, UploadForm())
    require_writer(request.membership)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _index(request, form, status=422)
    files = request.FILES.getlist("file")
    batches, refusals = _receive(request, form, files)
    if not batches:
        return _index(request, form, status=refusals[-1].status)
    if len(files) == 1:
        return redirect(request, *_place_of(batches[0]))
    for words in form.errors.get("file", []):
        messages.error(request, str(words))
    count = len(batches)
    messages.success(
        request, "1 file is being read." if count == 1 else f"{count} files are being read."
    )
    return redirect(request, "journal:imports")


@require_POST
def paste(request: WorkspaceRequest) -> HttpResponse:
    """Rows that were copied: kept as the file that they are, and recognised like any other."""
    require_writer(request.membership)
    form = PasteForm(request.POST)
    if not form.is_valid():
        return _index(request, UploadForm(), status=422, pasted=form)
    try:
        batch = services.receive_file(
            request.workspace.pk,
            io.BytesIO(form.cleaned_data["rows"].encode()),
            name=f"pasted-{timezone.now():%Y-%m-%d}.txt",
            request=services.ImportRequest(user_id=request.user.pk),
        )
    except AppError as error:
        form.add_error("rows", error.message)
        return _index(request, UploadForm(), status=error.status, pasted=form)
    enqueue(tasks.preview_import, batch.pk)
    return redirect(request, *_place_of(batch))


def _place_of(batch: ImportBatch) -> tuple[str, int]:
    """Where to look at a file that came in: a table that nobody knows is asked about first."""
    is_unknown = batch.format == MAPPED and batch.mapping is None
    return ("journal:import-columns" if is_unknown else "journal:import"), batch.pk


def _receive(
    request: WorkspaceRequest, form: UploadForm, files: list[UploadedFile[bytes]]
) -> tuple[list[ImportBatch], list[AppError]]:
    """What was received, and what was refused; the form says which file and why."""
    wanted = services.ImportRequest(**form.expectation(), user_id=request.user.pk)
    batches, refusals = [], []
    for file in files:
        name = file.name or "statement"
        try:
            batch = services.receive_file(request.workspace.pk, file, name=name, request=wanted)
        except AppError as error:
            refusals.append(error)
            form.add_error("file", error.message if len(files) == 1 else f"{name}: {error.message}")
            continue
        enqueue(tasks.preview_import, batch.pk)
        batches.append(batch)
    return batches, refusals


def _index(
    request: WorkspaceRequest,
    form: UploadForm,
    *,
    status: int = 200,
    pasted: PasteForm | None = None,
) -> HttpResponse:
    # Asked before the list is read: what is booked in between is on the list, or the page asks once more.
    waiting = count_waiting()
    page = list_imports(limit=ROWS, cursor=request.GET.get("cursor", ""))
    context = {
        "form": form,
        "pasted": pasted or PasteForm(),
        "zones": list_zones(),
        "rows": [history_row(batch) for batch in page.rows],
        "waiting": waiting_words(waiting),
        "page": {
            "previous": f"?cursor={page.previous}" if page.previous else None,
            "next": f"?cursor={page.next}" if page.next else None,
        },
        "is_first_page": "cursor" not in request.GET,
        "can_write": request.membership.can_write,
        "size_max_bytes": settings.STATEMENT_SIZE_MAX_BYTES,
    }
    return render(request, "journal/imports.html", context, status=status)


@require_safe
def import_(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    batch = get_import(batch_id)
    if not wants_fragment(request):
        return _page(request, batch)
    if batch.state in BUSY:
        context = {"work": progress_of(batch)}
        return render_fragment(request, "journal/import.html#progress", context)
    return into(_page(request, batch), "#import", swap="outerHTML")


def _page(
    request: WorkspaceRequest,
    batch: ImportBatch,
    form: ExpectationForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "batch": batch,
        "form": form or _form_of(batch),
        "zones": list_zones(),
        "can_write": request.membership.can_write,
        **describe(batch, request.GET),
        **(describe_captured(batch) if batch.is_captured else {}),
    }
    return render_fragment(request, "journal/import.html#body", context, status=status)


def _form_of(batch: ImportBatch) -> ExpectationForm:
    return ExpectationForm(
        initial={
            "format": batch.format,
            "account": batch.account_id,
            "account_number": batch.account_number,
            "zone": batch.zone,
            "day_first": batch.day_first,
        }
    )


def _to_change(request: WorkspaceRequest, batch_id: int) -> ImportBatch:
    require_writer(request.membership)
    return get_import(batch_id)


def _set_going(
    request: WorkspaceRequest, batch: ImportBatch, task: Task[[int], object]
) -> HttpResponse:
    """The work begins when the request is over; the page of the import shows it."""
    enqueue(task, batch.pk)
    return redirect(request, "journal:import", batch.pk)


@require_POST
def check(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    """Read the file again with other expectations."""
    batch = _to_change(request, batch_id)
    form = ExpectationForm(request.POST)
    if not form.is_valid():
        return _page(request, batch, form, status=422)
    services.ask_again(batch, services.Expectation(**form.expectation()))
    return _set_going(request, batch, tasks.preview_import)


@require_POST
def confirm(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    batch = _to_change(request, batch_id)
    services.confirm_import(batch)
    return _set_going(request, batch, tasks.run_import)


@require_POST
def discard(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    batch = _to_change(request, batch_id)
    services.discard_preview(batch)
    messages.info(request, f"{batch.title} was not imported.")
    return redirect(request, "journal:imports")


@require_POST
def undo(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    batch = _to_change(request, batch_id)
    services.ask_undo(batch)
    return _set_going(request, batch, tasks.withdraw_import)


@require_POST
def again(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    undone = _to_change(request, batch_id)
    if undone.is_captured:
        return _bring_back(request, undone)
    batch = services.import_again(undone, user_id=request.user.pk)
    return _set_going(request, batch, tasks.preview_import)


def _bring_back(request: WorkspaceRequest, undone: ImportBatch) -> HttpResponse:
    count = bring_back(undone)
    if count:
        enqueue(tasks.book_captured, undone.workspace_id)
        records = "1 record is" if count == 1 else f"{count:,} records are"
        messages.success(request, f"{records} being booked again, as an import of their own.")
    else:
        messages.info(request, "Its records were brought back before.")
    return redirect(request, "journal:imports")
