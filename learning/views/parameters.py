"""What scanners are told, on what evidence, what the simple rules would say, and how our own advice fared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError
from common.htmx import redirect
from common.queue import enqueue_soon
from learning import tasks
from learning.charts.thresholds import threshold_chart
from learning.domain.seconds import moment_of
from learning.forms.parameters import ParametersForm, WhyForm
from learning.models import ParameterAnswer, ParameterVersion, StepFailure

_HISTORY, _ANSWERS, _MOVES = 20, 12, 12
_LISTS = ("blacklist", "favoured", "half_size")


@require_safe
def parameters(request: WorkspaceRequest) -> HttpResponse:
    from learning.domain.words import parameters as words  # noqa: PLC0415 - brings scipy
    from learning.selectors import parameters as selecting  # noqa: PLC0415 - as above
    from learning.services.running import read  # noqa: PLC0415 - as above

    workspace_id = request.workspace.pk
    run, version = selecting.latest_run(workspace_id), selecting.current_version(workspace_id)
    result = None if run is None else read(run)
    context: dict[str, Any] = {
        "tab": "parameters",
        "run": run,
        "version": version,
        "can_write": request.membership.can_write,
        "chosen": selecting.settings_told(workspace_id),
        "failure": StepFailure.objects.filter(kind="parameters").first(),
        "history": _history(),
        "answers": _answers(),
        "waiting": _waiting(selecting.waiting_version(workspace_id)),
    }
    if result is not None and version is not None:
        name = request.GET.get("of", "")
        name = name if name in result["evidence"] else _most_told(result["evidence"])
        context |= {
            "rows": _rows(version.effective, context["chosen"]["start"], result, name),
            "lists": [
                {"name": words.name_of(one), "symbols": version.effective.get(one, []),
                 "simple": result["seed"].get(one, [])}
                for one in _LISTS
            ],
            "of": name,
            "of_name": words.name_of(name),
            "curve": _chart(result["evidence"], name),
            "result": result,
            "simple": result["seed"],
            "difference": words.DIFFERENCE,
            "moves": _moves(version),
            "refused": [
                {"name": words.name_of(one), "left": left} for one, left in result["refused"].items()
            ],
            "score": words.score_words(selecting.score_of(version)),
        }  # fmt: skip
    return render(request, "learning/parameters.html", context)


def _most_told(evidence: Mapping[str, Any]) -> str:
    """The parameter that there is most to say of."""
    order = ("move", "watch", "keep", "cannot_tell")
    return min(
        evidence,
        key=lambda name: (order.index(evidence[name]["standing"]), -evidence[name]["n"]),
        default="",
    )


def _chart(evidence: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    from learning.domain.words import parameters as words  # noqa: PLC0415 - brings scipy

    if not name or not evidence[name]["n"]:
        return None
    return threshold_chart(evidence[name], words.name_of(name))


def _rows(
    effective: Mapping[str, Any], start: Mapping[str, float], result: Mapping[str, Any], of: str
) -> list[dict[str, Any]]:
    """Every threshold: the scanner's own, what is told, what the simple rules would say and what the evidence does."""
    from learning.domain.words import parameters as words  # noqa: PLC0415 - brings scipy

    simple, evidence = result["seed"], result["evidence"]
    names = sorted(
        {*start, *simple["effective"]},
        key=lambda one: list(words.NAMES).index(one) if one in words.NAMES else len(words.NAMES),
    )
    rows = []
    for name in names:
        found = evidence.get(name)
        told = simple["effective"].get(name)
        rows.append(
            {
                "key": name,
                "name": words.name_of(name),
                "own": None if name not in start else words.plain(start[name]),
                "told": None if name not in effective else words.plain(effective[name]),
                "is_moved": name in effective and effective[name] != start.get(name),
                "simple": None if told is None else words.plain(told),
                "simple_why": "" if told is None else words.simple_words(simple, name),
                "differs": told is not None and told != effective.get(name),
                "grade": "" if found is None else found["grade"],
                "evidence": "Nothing in the evidence aims at it." if found is None else words.evidence_words(found),
                "is_shown": name == of,
            }
        )  # fmt: skip
    return rows


def _history() -> list[dict[str, Any]]:
    rows = ParameterVersion.objects.select_related("made_by")[:_HISTORY]
    return [{"version": one, "changed": _changed(one.changed)} for one in rows]


def _waiting(version: ParameterVersion | None) -> dict[str, Any] | None:
    return None if version is None else {"version": version, "changed": _changed(version.changed)}


def _changed(changed: Mapping[str, Any]) -> list[str]:
    """IV rank, at least: 50 → 55; symbols that came and went."""
    from learning.domain.words import parameters as words  # noqa: PLC0415 - brings scipy

    told = []
    for name, pair in changed.items():
        before, after = pair["from"], pair["to"]
        if isinstance(before, list) or isinstance(after, list):
            came = [f"+{one}" for one in after or [] if one not in (before or [])]
            left = [f"\N{MINUS SIGN}{one}" for one in before or [] if one not in (after or [])]
            told.append(f"{words.name_of(name)}: {', '.join([*came, *left])}")
        else:
            sides = ["none" if one is None else words.plain(one) for one in (before, after)]
            told.append(f"{words.name_of(name)}: {' → '.join(sides)}")
    return told


def _answers() -> list[dict[str, Any]]:
    """Who was told what, and how it fared beside the scanner's own settings."""
    from learning.domain.words.numbers import counted, in_r  # noqa: PLC0415 - brings scipy

    rows = []
    for one in ParameterAnswer.objects.select_related("version")[:_ANSWERS]:
        score = one.score
        told = "not scored yet"
        if score is not None and score["matured"]:
            told = (
                f"{in_r(score['made'])} beyond its own settings, on {counted(score['matured'], 'outcome')}, "
                f"{score['treated_otherwise']} treated otherwise"
            )
        elif score is not None:
            told = f"{counted(score['proposals'], 'recommendation')}, none with an outcome yet"
        rows.append({"answer": one, "told": told})
    return rows


def _moves(version: ParameterVersion) -> list[dict[str, Any]]:
    """Our steps that came into force, the newest first."""
    from learning.domain.words import parameters as words  # noqa: PLC0415 - brings scipy

    newest = list(reversed(version.state["moves"]))[:_MOVES]
    return [
        {"at": moment_of(one["at"]), "words": words.move_words(one), "verdict": one["verdict"]}
        for one in newest
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: WorkspaceRequest) -> HttpResponse:
    """Policy, approval, zone and the scanner's own thresholds."""
    from learning.selectors.parameters import settings_told  # noqa: PLC0415 - brings scipy
    from learning.services.versions import change_settings  # noqa: PLC0415 - as above

    require_writer(request.membership)
    told = settings_told(request.workspace.pk)
    form = ParametersForm(request.POST or None, initial={**told, **told["start"]})
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(request.membership, **form.values())
        except AppError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved. Scanners are told so from now on.")
            return redirect(request, "learning:parameters")
    context = {"tab": "parameters", "form": form}
    status = 422 if form.errors else 200
    return render(request, "learning/parameters_form.html", context, status=status)


@require_POST
def decide(request: WorkspaceRequest, version_id: int) -> HttpResponse:
    """Approve or refuse what waits; `verdict` says which."""
    from learning.services import versions  # noqa: PLC0415 - brings scipy

    require_writer(request.membership)
    reason = request.POST.get("reason", "").strip()[:500]
    act = versions.approve if request.POST.get("verdict") == "approve" else versions.refuse
    try:
        act(request.membership, version_id, reason=reason)
    except AppError as error:
        if error.status == 404:
            raise
        messages.error(request, error.message)
    else:
        messages.success(
            request,
            "Approved: in force from now on, and reviewed."
            if act is versions.approve
            else "Refused. What stands goes on; no step of this threshold is proposed before 30 more outcomes.",
        )
    return redirect(request, "learning:parameters")


@require_POST
def revert(request: WorkspaceRequest) -> HttpResponse:
    from learning.services import versions  # noqa: PLC0415 - brings scipy

    require_writer(request.membership)
    form = WhyForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        versions.revert(request.membership, reason=reason)
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Undone. Scanners are told the setting before.")
    return redirect(request, "learning:parameters")


@require_POST
def learn_now(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    enqueue_soon(tasks.learn, request.workspace.pk, seconds=2)
    messages.success(request, "The learner looks at everything now. Look again in a minute.")
    return redirect(request, "learning:parameters")
