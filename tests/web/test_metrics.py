"""`/metrics`: exactly the names that were promised, what is unknown is left out, and nobody from elsewhere gets in."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django_scopes import scope
from prometheus_client.parser import text_string_to_metric_families

from journal.models import BrokerAccount
from reconciliation.models import PositionSnapshot, Tally
from reconciliation.services import tallies
from tests import people

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def scrape(client=None, **options):
    answer = (client or Client()).get("/metrics", **options)
    assert answer.status_code == 200
    families = list(text_string_to_metric_families(answer.content.decode()))
    samples = {
        (one.name, *one.labels.values()): one.value for family in families for one in family.samples
    }
    return samples, {family.name: family.type for family in families}


@pytest.fixture
def workspace():
    return people.alice().workspace


def account(workspace, broker, number, **values):
    with scope(workspace=workspace):
        return BrokerAccount.objects.create(
            workspace=workspace, broker=broker, broker_id=number, base_currency="USD", **values
        )


def stands(account, minutes_ago=0, **values):
    at = NOW - timedelta(minutes=minutes_ago)
    with scope(workspace=account.workspace_id):
        PositionSnapshot.objects.create(
            workspace_id=account.workspace_id, account=account, currency="USD", created_at=at, **values
        )  # fmt: skip


def test_every_promised_name_is_there_before_anything_happened():
    answer = Client().get("/metrics")
    text = answer.content.decode()
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for name, kind in {
        "mt5_position_sync_total": "counter",
        "broker_position_sync_total": "counter",
        "reconciliation_divergences_total": "counter",
        "drawdown_guard_triggers_total": "counter",
        "positions_autoclosed_total": "counter",
        "reconciliation_latency_seconds": "histogram",
        "mt5_positions_total": "gauge",
        "broker_positions_total": "gauge",
        "account_equity_gbp": "gauge",
        "account_drawdown_percent": "gauge",
    }.items():
        assert f"# TYPE {name} {kind}\n" in text
    assert "_created" not in text
    assert "_total_total" not in text
    samples, _ = scrape()
    assert samples["mt5_position_sync_total",] == 0
    assert samples["drawdown_guard_triggers_total",] == 0
    assert samples["mt5_positions_total",] == 0


def test_what_was_counted_is_told_by_label(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tallies.count(tallies.SYNCS, "mt5", 3)
        tallies.count(tallies.SYNCS, "tastytrade")
        tallies.count(tallies.DIVERGENCES, "phantom", 2)
        tallies.count(tallies.GUARD_TRIGGERS)
        tallies.count(tallies.AUTOCLOSED, 'breach "x"\n')
        tallies.observe_all(tallies.LATENCY, [0.04, 0.2, 0.2, 300])
    samples, kinds = scrape()
    assert samples["mt5_position_sync_total",] == 3
    assert samples["broker_position_sync_total", "mt5"] == 3
    assert samples["broker_position_sync_total", "tastytrade"] == 1
    assert samples["reconciliation_divergences_total", "phantom"] == 2
    assert samples["drawdown_guard_triggers_total",] == 1
    assert samples["positions_autoclosed_total", 'breach "x"\n'] == 1
    assert samples["reconciliation_latency_seconds_bucket", "0.05"] == 1
    assert samples["reconciliation_latency_seconds_bucket", "0.25"] == 3
    assert samples["reconciliation_latency_seconds_bucket", "120.0"] == 3
    assert samples["reconciliation_latency_seconds_bucket", "+Inf"] == 4
    assert samples["reconciliation_latency_seconds_count",] == 4
    assert samples["reconciliation_latency_seconds_sum",] == pytest.approx(300.44)
    assert kinds["reconciliation_latency_seconds"] == "histogram"


def test_accounts_stand_as_their_latest_snapshot_says(workspace):
    one, two = account(workspace, "mt5", "M1"), account(workspace, "mt5", "M2")
    other = account(workspace, "ibkr", "U1")
    stands(one, 10, equity_gbp=1, drawdown_percent=1, position_count=9)
    known = {"drawdown_percent": Decimal("4.25"), "position_count": 2, "synced_at": NOW}
    stands(one, 0, equity_gbp=Decimal("7930.5"), **known)
    stands(two, 0, equity_gbp=100, drawdown_percent=0, position_count=3)
    stands(other, 0, position_count=0)
    stands(account(workspace, "mt5", "M3", archived_at=NOW), 0, position_count=50)
    samples, _ = scrape()
    assert samples["account_equity_gbp", str(one.pk)] == 7930.5
    assert samples["account_drawdown_percent", str(one.pk)] == 4.25
    assert samples["account_synced_timestamp_seconds", str(one.pk)] == pytest.approx(
        NOW.timestamp()
    )
    assert samples["mt5_positions_total",] == 5
    assert samples["broker_positions_total", "mt5"] == 5
    assert samples["broker_positions_total", "ibkr"] == 0
    assert ("account_equity_gbp", str(other.pk)) not in samples


def test_a_read_that_failed_is_unknown_and_not_zero(workspace):
    one = account(workspace, "mt5", "M1")
    stands(one, 10, equity_gbp=100, drawdown_percent=1, position_count=9)
    stands(one, 0, error="The terminal does not answer.")
    samples, _ = scrape()
    assert ("account_equity_gbp", str(one.pk)) not in samples
    assert ("mt5_positions_total",) not in samples
    assert samples["broker_accounts_unknown", "mt5"] == 1


def test_nothing_of_anybody_is_in_it(workspace):
    one = account(workspace, "mt5", "ZSECRET", name="ZNAME")
    stands(one, 0, equity_gbp=100, drawdown_percent=1, position_count=9)
    text = Client().get("/metrics").content.decode()
    assert "ZSECRET" not in text
    assert "ZNAME" not in text


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_ask(peer):
    scrape(REMOTE_ADDR=peer)


@pytest.mark.parametrize("peer", ["10.0.0.7", "203.0.113.9", "2001:db8::1", "", "unix:", "::ffff:10.0.0.1"])  # fmt: skip
@pytest.mark.parametrize("is_behind_proxy", [True, False])
def test_others_may_not_whatever_they_claim(settings, peer, is_behind_proxy):
    settings.BEHIND_PROXY = is_behind_proxy
    client = Client(REMOTE_ADDR=peer)
    assert client.get("/metrics").status_code == 401
    answer = client.get("/metrics", HTTP_X_FORWARDED_FOR="127.0.0.1", HTTP_X_REAL_IP="127.0.0.1")
    assert answer.status_code == 401
    assert b"mt5" not in answer.content


@pytest.mark.parametrize("header", ["X_FORWARDED_FOR", "FORWARDED", "X_REAL_IP", "VIA", "X_FORWARDED_PROTO"])  # fmt: skip
@pytest.mark.parametrize("is_behind_proxy", [True, False])
def test_what_a_proxy_on_this_machine_passes_on_is_from_elsewhere(
    settings, header, is_behind_proxy
):
    settings.BEHIND_PROXY = is_behind_proxy
    client = Client(REMOTE_ADDR="127.0.0.1", **{f"HTTP_{header}": "127.0.0.1"})
    assert client.get("/metrics").status_code == 401
    settings.METRICS_TOKEN = "long-and-secret"
    assert client.get("/metrics").status_code == 401
    scrape(client, HTTP_AUTHORIZATION="Bearer long-and-secret")


@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", "Basic long-and-secret", "long-and-secret", "Bearer long-and-secre", "Bearer lóng"])  # fmt: skip
def test_a_wrong_token_is_none(settings, given):
    settings.METRICS_TOKEN = "long-and-secret"
    answer = Client(REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION=given).get("/metrics")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_no_token_is_no_open_door(settings):
    settings.METRICS_TOKEN = ""
    client = Client(REMOTE_ADDR="10.0.0.7", HTTP_AUTHORIZATION="Bearer ")
    assert client.get("/metrics").status_code == 401


def test_a_scrape_asks_little_of_the_database(workspace, django_assert_max_num_queries):
    for number in range(30):
        stands(account(workspace, "mt5", f"M{number}"), position_count=1)
        Tally.objects.create(name=tallies.DIVERGENCES, label=f"r{number}", value=1)
    with django_assert_max_num_queries(2):
        samples, _ = scrape()
    assert samples["mt5_positions_total",] == 30
