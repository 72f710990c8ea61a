"""Setting up a guard: the gallery, the form, and what it would have done, before it is armed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, NotFound
from common.htmx import redirect
from journal.forms import list_zones
from journal.models import BrokerAccount
from reconciliation.charts import equity_over_time
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.machine import State, Step
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.domain.guards.simulating import Simulation
from reconciliation.forms.guard_values import usual
from reconciliation.forms.guards import FORMS, GuardForm
from reconciliation.models import GuardKind
from reconciliation.selectors.equity import equity_curve
from reconciliation.selectors.guard_pages import get_guard
from reconciliation.selectors.guards import currency_kept
from reconciliation.selectors.hearing import accounts_in_use
from reconciliation.services.guards import changing
from reconciliation.services.guards.keeping import values_of
from reconciliation.services.guards.presetting import create_from_preset, version_of_preset
from reconciliation.services.guards.simulating import simulate
from reconciliation.views.guards import tell_outcome
from reconciliation.views.live import EQUITY_COLUMNS, equity_rows

_LOOK_BACK = timedelta(days=365)
_SHOWN = 12
_STEPS = {
    Step.WARN: "would have warned",
    Step.FIRE: "would have fired",
    Step.SILENT: "would have told of silence",
}
# What each kind is called, what it is for, and its icon.
KINDS = {
    GuardKind.LIMIT: (
        "How far equity may fall",
        "A drawdown or a loss, in money or per cent, from any mark.",
        "pulse",
    ),
    GuardKind.CONDUCT: (
        "How somebody trades",
        "Losses in a row, pauses, trades a day, positions at once, markets that bring too little.",
        "person",
    ),
    GuardKind.MARKET: (
        "Whether a market can be trusted",
        "Old prices, jumps, wide spreads, thin markets, closed exchanges.",
        "clock",
    ),
}


@require_safe
def gallery(request: WorkspaceRequest) -> HttpResponse:
    require_writer(request.membership)
    context = {
        "presets": [
            {"slug": slug, "of": preset, "closes": False} for slug, preset in PRESETS.items()
        ],
        "kinds": [
            {"kind": kind.value, "name": name, "says": says, "icon": icon}
            for kind, (name, says, icon) in KINDS.items()
        ],
    }
    return render(request, "reconciliation/guard_gallery.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: WorkspaceRequest, kind: str) -> HttpResponse:
    """From a preset (`?preset=`), or from what is usual. “Simulate” shows what it would have done and saves nothing."""
    require_writer(request.membership)
    if kind not in FORMS:
        raise NotFound("kind_not_found", "There is no such kind of guard.")
    slug = request.GET.get("preset", "")
    preset = PRESETS.get(slug) if kind == GuardKind.LIMIT else None
    begin = version_of_preset(preset) if preset is not None else usual(kind)
    initial: dict[str, Any] = {"name": preset.name if preset else KINDS[GuardKind(kind)][0]}
    accounts = accounts_in_use()
    if "account" in request.GET:
        initial["account"] = accounts.filter(pk__in=_numbers(request.GET["account"])).first()
    form = FORMS[kind](request.POST or None, begin=begin, initial=initial, accounts=accounts)
    context: dict[str, Any] = {"preset": preset, "kind": kind, "guard": None}
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, context)
    account = form.cleaned_data["account"]
    if request.POST.get("do") == "simulate":
        return _page(request, form, context, simulation=_simulated(form, account))
    now = timezone.now()
    try:
        version, name = form.version(is_armed=True), form.cleaned_data["name"]
        if preset is not None and isinstance(version, Version):
            guard = create_from_preset(
                request.membership, account, slug, now, version=version, name=name
            )
        else:
            guard = changing.create_guard(request.membership, account, version, now, name=name)
    except AppError as error:
        form.add_error(None, error.message)
        return _page(request, form, context)
    messages.success(request, f"“{guard}” is armed.")
    return redirect(request, "reconciliation:guard", guard.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: WorkspaceRequest, guard_id: int) -> HttpResponse:
    require_writer(request.membership)
    guard = get_guard(guard_id)
    assert guard.version is not None
    current = values_of(guard.kind, guard.version.values)
    form = FORMS[guard.kind](request.POST or None, begin=current, initial={"name": guard.name})
    form.fields["name"].disabled = True
    context: dict[str, Any] = {"preset": None, "kind": guard.kind, "guard": guard}
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, context)
    if request.POST.get("do") == "simulate":
        return _page(request, form, context, simulation=_simulated(form, guard.account))
    is_armed = State(guard.state) is not State.DISARMED
    try:
        version = changing.ask_change(
            guard,
            form.version(is_armed=is_armed),
            request.membership,
            timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except AppError as error:
        form.add_error("reason" if "reason" in error.fields else None, error.message)
        return _page(request, form, context)
    tell_outcome(request, version, "Saved. It counts from now on.")
    return redirect(request, "reconciliation:guard", guard.pk)


def _numbers(text: str) -> list[int]:
    return [int(text)] if text.isdecimal() and len(text) < 19 else []


def _page(
    request: WorkspaceRequest,
    form: GuardForm,
    context: dict[str, Any],
    *,
    simulation: dict[str, Any] | None = None,
) -> HttpResponse:
    groups = [
        (title, [form[name] for name in names if name in form.fields])
        for title, names in form.GROUPS  # type: ignore[attr-defined]
    ]
    context |= {
        "form": form,
        "groups": groups,
        "simulation": simulation,
        "zones": list_zones(),
        "may_simulate": context["kind"] == GuardKind.LIMIT,
    }
    status = 422 if form.errors else 200
    return render(request, "reconciliation/guard_form.html", context, status=status)


def _simulated(form: GuardForm, account: BrokerAccount | None) -> dict[str, Any]:
    """What the guard would have done over the last year, in words and as a drawing; or why that cannot be said."""
    version = form.version(is_armed=True)
    if not isinstance(version, Version) or account is None:
        return {"lacks": "Only a limit of one account can be simulated."}
    until = timezone.now()
    try:
        found = simulate(version, account, until - _LOOK_BACK, until)
    except AppError as error:
        return {"lacks": error.message}
    told = [event for event in found.events if event.step in _STEPS]
    return {
        "found": found,
        "says": _sentence(found),
        "events": [(event, _STEPS[event.step]) for event in reversed(told[-_SHOWN:])],
        "more": max(len(told) - _SHOWN, 0),
        "zone": account.zone,
        "currency": currency_kept(account),
        "chart": _chart(found, account),
    }


def _sentence(found: Simulation) -> str:
    days = max((found.until - found.since).days, 1)
    fired, warned = (
        _times(number, word) for number, word in ((found.fired, "fired"), (found.warned, "warned"))
    )
    return f"Over the last {days} days, {found.samples} readings, it would {fired}, and would {warned}."


def _times(number: int, word: str) -> str:
    if not number:
        return f"never have {word}"
    return f"have {word} {'once' if number == 1 else f'{number} times'}"


def _chart(found: Simulation, account: BrokerAccount) -> dict[str, Any] | None:
    curve = equity_curve(account, found.since, found.until, patience=timedelta(days=4))
    if not curve.known:
        return None
    fired = [event.at for event in found.events if event.step is Step.FIRE]
    return {
        "figure_id": "simulated",
        "figure": equity_over_time(
            curve.points, currency=currency_kept(account), zone=account.zone, marks=fired
        ),
        "says": "Equity over that time; a line stands where the guard would have fired.",
        "columns": EQUITY_COLUMNS,
        "rows": equity_rows(curve.points, currency_kept(account), account.zone),
    }
