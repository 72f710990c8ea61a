"""/metrics for Prometheus: the names of the reconciliation specification, and the same for every broker.

Open to this machine itself; elsewhere with METRICS_TOKEN as Bearer. Only the address that the connection comes from
counts, and no header may claim another: what a proxy passes on comes from elsewhere, however near the proxy is.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from reconciliation.selectors.figures import Standing, read_standings, read_tallies
from reconciliation.services import tallies

MT5 = "mt5"
# Any of them says that somebody else passes the request on.
_PASSED_ON = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via")  # fmt: skip


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not _is_near(request) and not _has_token(request):
        words = (
            "Send METRICS_TOKEN as Bearer.\n"
            if settings.METRICS_TOKEN
            else "Only this machine itself may ask. METRICS_TOKEN lets others in.\n"
        )
        refusal = HttpResponse(words, status=401, content_type="text/plain; charset=utf-8")
        refusal["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return refusal
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_near(request: HttpRequest) -> bool:
    if any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return (getattr(peer, "ipv4_mapped", None) or peer).is_loopback


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    return (
        bool(wanted)
        and scheme.lower() == "bearer"
        and hmac.compare_digest(given.strip().encode(), wanted.encode())
    )


class _Figures(Collector):
    """Read anew at every scrape: processes share nothing but the database."""

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        counted = read_tallies()
        yield from _counters(counted)
        yield _latency(counted.get(tallies.LATENCY, {}))
        standings = read_standings()
        yield from _positions(standings)
        yield from _worths(standings)


def _counters(counted: dict[str, dict[str, float]]) -> Iterator[Metric]:
    syncs = counted.get(tallies.SYNCS, {})
    yield _counter("mt5_position_sync_total", "Reads of MetaTrader 5 accounts", {"": syncs.get(MT5, 0)})  # fmt: skip
    yield _counter(tallies.SYNCS, "Reads of accounts", syncs, "broker")
    yield _counter(
        tallies.DIVERGENCES,
        "Differences between book and broker that were told",
        counted.get(tallies.DIVERGENCES, {}),
        "reason",
    )
    triggers = sum(counted.get(tallies.GUARD_TRIGGERS, {}).values())
    yield _counter(tallies.GUARD_TRIGGERS, "Guards that fired", {"": triggers})
    yield _counter(
        tallies.AUTOCLOSED,
        "Positions that the system closed, verified",
        counted.get(tallies.AUTOCLOSED, {}),
        "reason",
    )


def _counter(name: str, words: str, values: dict[str, float], label: str = "") -> Metric:
    """Its library adds the `_total`."""
    family = CounterMetricFamily(
        name.removesuffix("_total"), words, labels=[label] if label else None
    )
    for value_of_label, value in values.items():
        family.add_metric([value_of_label] if label else [], value)
    return family


def _latency(buckets: dict[str, float]) -> Metric:
    bounds = [*(str(bound) for bound in tallies.BOUNDS), tallies.BEYOND]
    so_far, cumulated = 0.0, []
    for bound in bounds:
        so_far += buckets.get(bound, 0)
        cumulated.append((bound, so_far))
    return HistogramMetricFamily(
        tallies.LATENCY,
        "Time of a reconciliation of an account, the broker's answer included, in seconds",
        buckets=cumulated,
        sum_value=buckets.get(tallies.SUM, 0),
    )


def _positions(standings: list[Standing]) -> Iterator[Metric]:
    """A broker of whose accounts none is known has no figure, rather than a zero."""
    known: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for one in standings:
        unknown[one.broker] += one.position_count is None
        if one.position_count is not None:
            known[one.broker] += one.position_count
    # Without any such account there are none; with some, of which none is known, nobody knows.
    of_mt5 = {"": known[MT5]} if MT5 in known or MT5 not in unknown else {}
    yield _gauge("mt5_positions_total", "Open positions of MetaTrader 5 accounts", of_mt5)
    yield _gauge("broker_positions_total", "Open positions", known, "broker")
    yield _gauge(
        "broker_accounts_unknown",
        "Accounts whose latest read failed or was not whole",
        unknown,
        "broker",
    )


def _worths(standings: list[Standing]) -> Iterator[Metric]:
    yield _gauge(
        "account_equity_gbp",
        "Equity by the latest read, at the day's rate",
        {str(one.account_id): float(one.equity_gbp) for one in standings if one.equity_gbp is not None},
        "account",
    )  # fmt: skip
    yield _gauge(
        "account_drawdown_percent",
        "How far the unitised worth is below its peak",
        {str(one.account_id): float(one.drawdown_percent) for one in standings if one.drawdown_percent is not None},
        "account",
    )  # fmt: skip
    yield _gauge(
        "account_synced_timestamp_seconds",
        "When the account was last read whole",
        {str(one.account_id): one.synced_at.timestamp() for one in standings if one.synced_at is not None},
        "account",
    )  # fmt: skip


def _gauge(
    name: str, words: str, values: dict[str, float] | dict[str, int] | Counter[str], label: str = ""
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label] if label else None)
    for value_of_label, value in values.items():
        family.add_metric([value_of_label] if label else [], value)
    return family
