"""Which column of a table is which: for files that no reader knows, and for who wants to say it anyway."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError
from common.htmx import redirect, render_fragment, wants_fragment
from common.queue import enqueue
from journal import tasks
from journal.brokers.generic_table.guess import guess
from journal.brokers.generic_table.mapping import Question, Role, TableMapping
from journal.brokers.generic_table.mapping_json import BadMapping, from_json
from journal.brokers.generic_table.questions import open_in
from journal.brokers.generic_table.sight import Sight
from journal.forms import TableOwnerForm, list_zones
from journal.models import ImportBatch, ImportState
from journal.selectors.imports import get_import
from journal.services import imports as services
from journal.services import mappings
from journal.services.trial import Trial, try_mapping
from journal.views import column_page
from journal.views.column_form import said_by

_OPEN = (ImportState.RECEIVED, ImportState.PREVIEWING, ImportState.PREVIEWED, ImportState.FAILED)
_WHOSE = "Choose the account that the table is of, or type the number of a new one."


class _Seen(NamedTuple):
    sheets: Sequence[str]
    sight: Sight


class _Answers(NamedTuple):
    """What is said of the columns so far, and what is wrong with it or missing."""

    mapping: TableMapping
    questions: Sequence[Question]
    scores: Mapping[str, int]
    complaint: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: WorkspaceRequest, batch_id: int) -> HttpResponse:
    require_writer(request.membership)
    batch = get_import(batch_id)
    if batch.state not in _OPEN:
        return redirect(request, "journal:import", batch.pk)
    post = request.POST if request.method == "POST" else None
    owner = TableOwnerForm(post, initial=_owner_of(batch))
    try:
        seen = _look(batch, post)
    except AppError as error:
        return render_fragment(
            request,
            "journal/columns.html#body",
            {"batch": batch, "refusal": error.message},
            status=error.status,
        )
    answers = _proposed(batch, seen.sight) if post is None else _answered(post, seen.sight)
    answers = _with_open(answers, seen.sight, owner, is_answered=post is not None)
    if post is not None and "save" in post and not wants_fragment(request):
        if not (answers.questions or answers.complaint or owner.errors):
            return _save(request, batch, answers.mapping, owner)
        return _page(request, batch, seen, answers, owner, status=422)
    return _page(request, batch, seen, answers, owner)


def _owner_of(batch: ImportBatch) -> dict[str, Any]:
    return {
        "account": batch.account_id,
        "account_number": batch.account_number,
        "broker": (batch.mapping or {}).get("broker", ""),
    }


def _look(batch: ImportBatch, post: Mapping[str, str] | None) -> _Seen:
    known = batch.mapping or {}
    said = {} if post is None else post
    sheet = said.get("sheet", "") if post is not None else known.get("sheet", "")
    header = {"yes": True, "no": False}.get(said.get("has_header", ""))
    if post is None and known.get("has_header") is False:
        header = False
    return _Seen(
        mappings.sheets_of(batch), mappings.look_at_kept(batch, sheet=sheet, has_header=header)
    )


def _proposed(batch: ImportBatch, sight: Sight) -> _Answers:
    """What was said before, where it is about these columns; else the guess."""
    known = mappings.mapping_of(batch)
    if known is not None and known.header == sight.names:
        return _Answers(known, (), {})
    found = guess(sight)
    return _Answers(found.mapping, found.questions, found.scores)


def _answered(post: Mapping[str, str], sight: Sight) -> _Answers:
    said = said_by(post, sight)
    try:
        return _Answers(from_json(said), (), {})
    except BadMapping as error:
        return _Answers(from_json(_without_wrong(said)), (), {}, complaint=str(error))


def _without_wrong(said: Mapping[str, Any]) -> dict[str, Any]:
    """What can be of what was said, so that the selects keep it."""
    columns = dict(said["columns"])
    kept: dict[str, Any] = {"header": said["header"], "columns": {}}
    for name, role in columns.items():
        both = {**kept["columns"], name: role}
        kept["columns"] = both if _can_be({**kept, "columns": both}) else kept["columns"]
    for name, value in said.items():
        if name not in kept and _can_be({**kept, name: value}):
            kept[name] = value
    return kept


def _can_be(said: Mapping[str, Any]) -> bool:
    try:
        from_json(said)
    except BadMapping:
        return False
    return True


def _with_open(
    answers: _Answers, sight: Sight, owner: TableOwnerForm, *, is_answered: bool
) -> _Answers:
    """With what the table itself leaves open. A zone that the account has for its files answers for the table."""
    account = owner.cleaned_data.get("account") if owner.is_bound and owner.is_valid() else None
    zone = answers.mapping.zone or (account.statement_zone if account else "")
    found = {one.about: one for one in open_in(sight, replace(answers.mapping, zone=zone))}
    found |= {one.about: one for one in answers.questions}
    is_named = answers.mapping.has(Role.ACCOUNT) or (
        owner.is_bound and owner.is_valid() and owner.names_somebody
    )
    if is_answered and not is_named:
        found["account"] = Question("account", _WHOSE)
    return answers._replace(questions=list(found.values()))


def _save(
    request: WorkspaceRequest, batch: ImportBatch, mapping: TableMapping, owner: TableOwnerForm
) -> HttpResponse:
    whole = replace(mapping, broker=owner.cleaned_data["broker"] or mapping.broker)
    services.ask_again(
        batch,
        services.Expectation(
            format=mappings.SLUG,
            account=owner.cleaned_data["account"],
            account_number=owner.cleaned_data["account_number"],
            mapping=whole.as_json(),
        ),
    )
    enqueue(tasks.preview_import, batch.pk)
    return redirect(request, "journal:import", batch.pk)


def _page(
    request: WorkspaceRequest, batch: ImportBatch, seen: _Seen, answers: _Answers, owner: TableOwnerForm,
    *, status: int = 200,
) -> HttpResponse:  # fmt: skip
    sheets, sight = seen
    mapping = answers.mapping
    asked = answers.questions
    account = (
        owner.cleaned_data.get("account") if owner.is_bound and owner.is_valid() else batch.account
    )
    can_try = not any(question.about in _NEEDED for question in asked) and not answers.complaint
    trial = (
        try_mapping(batch, mapping, zone=account.statement_zone if account else "")
        if can_try
        else Trial()
    )
    context = {
        "batch": batch,
        "columns": column_page.columns_of(sight, mapping, answers.scores),
        "choices": column_page.choices_of(sight, mapping, sheets, asked),
        "words": column_page.words_of(sight, mapping, asked),
        "header": sight.names,
        "first_rows": column_page.first_rows(sight),
        "questions": asked,
        "complaint": answers.complaint,
        "can_try": can_try,
        "trial": trial,
        "owner": owner,
        "zones": list_zones(),
    }
    return render_fragment(request, "journal/columns.html#body", context, status=status)


# Without these no row can be tried.
_NEEDED = frozenset({"side_from", "fee_sign", "amount_is", *(role.value for role in Role)}) - {
    Role.ACCOUNT.value
}
