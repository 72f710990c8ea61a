"""What the frame of a page shows: the switches of the lens in the top bar, and counts in the navigation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.context import workspace_menu
from journal.models import ImportBatch, ImportState
from journal.selectors.connections import list_waiting
from journal.selectors.issues import count_issues
from journal.selectors.performance import Basis, Unit
from journal.selectors.recommendations import waiting as list_waiting_proposals
from journal.views.lens import NO_CURRENCY, PARAMETERS, PERIODS, Lens, read_lens

# Pages that follow the lens, and what of it they follow.
_EVERYTHING = frozenset({"account", "period", "switches"})
FOLLOWS = {
    "dashboard": _EVERYTHING,
    "trades": _EVERYTHING,
    "calendar": frozenset({"account", "switches"}),
    "trade": frozenset({"switches"}),
    "orders": frozenset({"account"}),
}
# What wants a person, by the entry of the navigation that leads there. Apps above add their own (`offer_waiting`).
_waiting: list[tuple[str, Callable[[], QuerySet[Any]]]] = [
    ("imports", lambda: ImportBatch.objects.filter(state=ImportState.PREVIEWED)),
    ("connections", list_waiting),
    ("recommendations", list_waiting_proposals),
]
# On a phone these stand in the sheet behind “More”, which shows their sum.
_UNDER_MORE = ("issues", "recommendations", "connections", "reconcile", "guards")
# What every page says above its content, by the count that has to be above nothing for it to be asked for.
_notices: list[tuple[str, Callable[[], list[dict[str, Any]]]]] = []


def offer_waiting(entry: str, lister: Callable[[], QuerySet[Any]]) -> None:
    """`lister` gives the rows of the open workspace that wait for a person. Several may fill one entry; called once
    each, when the app that has the rows is ready."""
    if (entry, lister) not in _waiting:
        _waiting.append((entry, lister))


def offer_notices(entry: str, lister: Callable[[], list[dict[str, Any]]]) -> None:
    """`lister` gives {level, text, url, action} of the open workspace; it is asked only where `entry` counts any."""
    if (entry, lister) not in _notices:
        _notices.append((entry, lister))


# What belongs to one page of a list and not to the view of it.
_PASSING = ("cursor",)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Read only if the template draws the frame: a fragment costs nothing."""
    if getattr(request, "workspace", None) is None:
        return {}
    counts = SimpleLazyObject(_nav_counts)
    return {
        "bar": SimpleLazyObject(lambda: _bar(request)),
        "nav_counts": counts,
        "notices": SimpleLazyObject(lambda: _list_notices(counts)),
    }


def _nav_counts() -> dict[str, int]:
    """What wants a person. Every page asks, so the small tables are counted in one query."""
    counts = [
        lister().order_by().values(entry=Value(entry)).annotate(number=Count("pk"))
        for entry, lister in _waiting
    ]
    numbers = dict.fromkeys((entry for entry, _ in _waiting), 0)
    for row in counts[0].union(*counts[1:], all=True):
        numbers[row["entry"]] += row["number"]
    numbers["issues"] = count_issues()
    return {**numbers, "elsewhere": sum(numbers.get(entry, 0) for entry in _UNDER_MORE)}


def _list_notices(counts: Any) -> list[dict[str, Any]]:
    return [notice for entry, lister in _notices if counts.get(entry) for notice in lister()]


def _bar(request: HttpRequest) -> dict[str, Any]:
    bar: dict[str, Any] = {"workspace": workspace_menu(request)}
    match = request.resolver_match
    follows = FOLLOWS.get(match.url_name or "", frozenset()) if match else frozenset()
    if match is None or match.app_name != "journal" or not follows or request.method != "GET":
        return bar
    lens = read_lens(request)
    if not lens.accounts:
        return bar
    links = _Links(request)
    if "account" in follows and len(lens.accounts) > 1:
        bar["account"] = _account_menu(lens, links)
    if "period" in follows:
        bar["period"] = _period_menu(lens, links)
    if "switches" in follows:
        bar["switches"] = [_unit_switch(lens, links), _basis_switch(lens, links)]
    return bar


class _Links:
    """Addresses of this page with another lens. All else that the page shows stays."""

    def __init__(self, request: HttpRequest) -> None:
        self.path = request.path
        self.kept = request.GET.copy()
        for name in (*PARAMETERS, *_PASSING):
            self.kept.pop(name, None)

    def to(self, **changes: str) -> str:
        query: QueryDict = self.kept.copy()
        query.update(changes)
        return f"{self.path}?{query.urlencode()}"


def _account_menu(lens: Lens, links: _Links) -> dict[str, Any]:
    names = [str(account) for account in lens.chosen]
    everything = {
        "label": "All accounts",
        "note": f"{len(lens.accounts)} accounts",
        "url": links.to(accounts="all"),
        "current": not lens.account_ids,
    }
    options = [
        {
            "label": str(account),
            "note": " · ".join(filter(None, (account.broker_id, account.base_currency))),
            "url": links.to(accounts=str(account.pk)),
            "current": account.pk in lens.account_ids,
        }
        for account in lens.accounts
    ]
    value = "All accounts"
    if lens.account_ids:
        value = names[0] if len(names) == 1 else f"{len(names)} accounts"
    return {
        "label": "Account",
        "icon": "accounts",
        "value": value,
        "options": [everything, *options],
    }


def _period_menu(lens: Lens, links: _Links) -> dict[str, Any]:
    options = [
        {"label": label, "url": links.to(period=name), "current": lens.period == name}
        for name, label in PERIODS.items()
    ]
    days = {
        "path": links.path,
        "kept": list(links.kept.items()),
        "start": lens.start,
        "end": lens.end,
    }
    return {
        "label": "Period",
        "icon": "calendar",
        "value": lens.period_name,
        "options": options,
        "days": days,
    }


def _unit_switch(lens: Lens, links: _Links) -> dict[str, Any]:
    titles = {
        Unit.CURRENCY: ("Traded", "In the currency that each instrument is traded in"),
        Unit.BASE: (lens.base_name or "Base", "In the base currency of each account"),
        Unit.PERCENT: ("%", "In percent of the money that the closed trades took"),
    }
    options = [
        {"label": label, "title": title, "url": links.to(unit=unit), "current": lens.unit is unit}
        for unit, (label, title) in titles.items()
    ]
    return {"label": "Unit", "options": options}


def _basis_switch(lens: Lens, links: _Links) -> dict[str, Any]:
    titles = {Basis.NET: "After fees", Basis.GROSS: "Before fees"}
    options = [
        {
            "label": basis.value.capitalize(),
            "title": title,
            "url": links.to(basis=basis),
            "current": lens.basis is basis,
        }
        for basis, title in titles.items()
    ]
    return {"label": "Net or gross", "options": options}


def currency_links(request: HttpRequest, currencies: list[str], current: str) -> list[Any]:
    """The other currencies, where there are several: [{label, url, current}]."""
    if len(currencies) < 2:
        return []
    links = _Links(request)
    return [
        {
            "label": one or "None",
            "url": links.to(currency=one or NO_CURRENCY),
            "current": one == current,
        }
        for one in currencies
    ]


def day_addresses() -> Callable[[object, object], str]:
    """Writes the address of the trades between two days: a page has hundreds, so the route is found once."""
    trades = reverse("journal:trades")
    return lambda start, end: f"{trades}?start={start}&end={end}"


def trades_url(**query: Any) -> str:
    """The trade list, filtered."""
    params = QueryDict(mutable=True)
    params.update({name: str(value) for name, value in query.items() if value not in (None, "")})
    url = reverse("journal:trades")
    return f"{url}?{params.urlencode()}" if params else url
