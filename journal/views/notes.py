"""Notes and tags of a trade: changed in place with htmx, by plain forms without it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import NotFound, Rejected
from common.htmx import redirect, wants_fragment, with_toast
from journal.models import Tag, Trade, TradeNote
from journal.selectors.trades import get_trade
from journal.services.annotations import (
    add_note,
    delete_note,
    edit_note,
    tag_trade,
    untag_trade,
)
from journal.views.trade import notes_context


@require_POST
def add(request: WorkspaceRequest, trade_id: int) -> HttpResponse:
    require_writer(request.membership)
    trade = get_trade(trade_id)
    text = request.POST.get("text", "")
    add_note(trade, text=text, author_id=request.user.pk)
    return _shown(request, trade, "notes", "Note saved")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, note_id: int) -> HttpResponse:
    require_writer(request.membership)
    note = _get_note(note_id)
    if request.method == "POST":
        edit_note(note, text=request.POST.get("text", ""))
        return _shown(request, _trade_of(note), "notes", "Note saved")
    template = "note_form" if wants_fragment(request) else "note"
    return render(request, f"journal/{template}.html", {"note": note})


@require_POST
def delete(request: WorkspaceRequest, note_id: int) -> HttpResponse:
    require_writer(request.membership)
    note = _get_note(note_id)
    trade = _trade_of(note)
    delete_note(note)
    return _shown(request, trade, "notes", "Note deleted")


@require_POST
def tag(request: WorkspaceRequest, trade_id: int) -> HttpResponse:
    require_writer(request.membership)
    trade = get_trade(trade_id)
    tag_trade(trade, name=request.POST.get("name", ""), author_id=request.user.pk)
    return _shown(request, trade, "tags")


@require_POST
def untag(request: WorkspaceRequest, trade_id: int, tag_id: int) -> HttpResponse:
    require_writer(request.membership)
    trade = get_trade(trade_id)
    found = Tag.objects.filter(pk=tag_id).first()
    if found is None:
        raise NotFound("tag_not_found", "There is no such tag in this workspace.")
    untag_trade(trade, tag=found)
    return _shown(request, trade, "tags")


def _shown(request: WorkspaceRequest, trade: Trade, part: str, said: str = "") -> HttpResponse:
    if not wants_fragment(request):
        return redirect(request, f"{reverse('journal:trade', args=[trade.pk])}#{part}")
    response = render(request, f"journal/trade_{part}.html", notes_context(trade))
    return with_toast(response, said) if said else response


def _get_note(note_id: int) -> TradeNote:
    note = TradeNote.objects.filter(pk=note_id).first()
    if note is None:
        raise NotFound("note_not_found", "There is no such note in this workspace.")
    return note


def _trade_of(note: TradeNote) -> Trade:
    if note.trade_id is None:
        raise Rejected("note_without_trade", "The fill that this note is about is not booked now.")
    return get_trade(note.trade_id)
