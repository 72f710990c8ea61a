"""Reminders: at the share, not before; once; and silent where anything is not known."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from journal.models import AlertRules, BrokerAccount, Instrument, OpenLot
from journal.services.alerts.channels import create_channel
from journal.services.alerts.telling import News
from reconciliation import tasks
from reconciliation.models import Heard, Snapshot, SnapshotPosition
from reconciliation.services.reminding import list_wanting, remind
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def put(**values):
    """Ten puts, sold at 2.00 each of 100: 2,000 at most, less 10 of fees."""
    expiry = (NOW + timedelta(days=40)).date()
    given = {
        "assetCategory": "OPT", "symbol": "SPY P400", "conid": "77", "underlyingSymbol": "SPY", "multiplier": "100",
        "strike": "400", "putCall": "P", "expiry": f"{expiry:%Y%m%d}", "quantity": "-10", "buySell": "SELL",
        "tradePrice": "2", "proceeds": "2000", "ibCommission": "-10", "netCash": "1990", "openCloseIndicator": "O",
        "dateTime": f"{NOW - timedelta(days=2):%Y%m%d;%H%M%S}", "transactionID": "9001",
    }  # fmt: skip
    return trade(**{**given, **values})


@pytest.fixture
def alice(settings):
    settings.EMAIL_HOST = "mail.example.org"
    membership = people.alice()
    with scope(workspace=membership.workspace):
        create_channel(membership, kind="email", name="", address="", topics=["targets", "expiry"])
    return membership


@pytest.fixture
def workspace(alice):
    import_now(alice.workspace, statement(put()), zone="UTC")
    with scope(workspace=alice.workspace):
        assert OpenLot.objects.get().signed_quantity == -10
        yield alice.workspace


def marked(workspace, price, *, quantity="-10", hours_ago=0, lacking=()):
    account = BrokerAccount.objects.get()
    at = NOW - timedelta(hours=hours_ago)
    snapshot = Snapshot.objects.create(
        workspace=workspace, account=account, heard=Heard.ASKED, as_of=at, received_at=at, currency="USD", lacking=list(lacking)
    )  # fmt: skip
    SnapshotPosition.objects.create(
        workspace=workspace, account=account, snapshot=snapshot, instrument=Instrument.objects.get(),
        symbol="SPY P400", signed_quantity=Decimal(quantity), price=None if price is None else Decimal(price),
    )  # fmt: skip


def reminded(workspace, at=NOW) -> list[News]:
    return remind(workspace.pk, at)


def test_half_of_the_maximum_profit_is_told_once(workspace):
    # 995 of 1,990 after fees is where 1,005 is left to pay: 1.005 each.
    marked(workspace, "1.01")
    assert reminded(workspace) == []
    marked(workspace, "0.99")
    (news,) = reminded(workspace)
    assert news.topic == "targets"
    assert "50% of its maximum profit" in news.subject
    assert Decimal(news.data["profit"]) == 1000
    assert Decimal(news.data["max_profit"]) == 1990
    assert reminded(workspace) == []


def test_the_share_is_the_workspace_s_own_and_another_is_told_anew(workspace):
    AlertRules.objects.create(workspace=workspace, target_share=Decimal("0.75"))
    marked(workspace, "0.90")
    assert reminded(workspace) == []
    AlertRules.objects.update(target_share=Decimal("0.5"))
    assert len(reminded(workspace)) == 1
    AlertRules.objects.update(target_share=None)
    marked(workspace, "0.01")
    assert reminded(workspace) == []


@pytest.mark.parametrize(
    "values",
    [
        {"price": None},
        {"price": "0.5", "quantity": "-9"},
        {"price": "0.5", "hours_ago": 31},
        {"price": "0.5", "lacking": ["prices"]},
    ],
)
def test_what_is_not_known_is_not_told(workspace, values):
    marked(workspace, values.pop("price"), **values)
    assert reminded(workspace) == []


def test_a_newer_snapshot_that_lacks_the_price_silences_the_older_one(workspace):
    marked(workspace, "0.5", hours_ago=2)
    marked(workspace, None)
    assert reminded(workspace) == []


def test_expiry_is_told_at_each_number_of_days_once(workspace):
    def at(days_before):
        return NOW + timedelta(days=40 - days_before)

    expiry = Instrument.objects.get().expiry_on
    assert reminded(workspace, at(9)) == []
    (week,) = reminded(workspace, at(7))
    assert week.topic == "expiry"
    assert f"{expiry:%Y-%m-%d}" in week.lines[0]
    assert reminded(workspace, at(6)) == []
    (day,) = reminded(workspace, at(1))
    assert day.data["days_left"] <= 1
    assert len(reminded(workspace, at(0))) == 1
    assert reminded(workspace, at(0)) == []
    assert reminded(workspace, at(-3)) == [], (
        "What should have expired is a difference, no reminder."
    )


def test_what_is_closed_is_not_told(workspace):
    closing = put(transactionID="9002", quantity="10", buySell="BUY", openCloseIndicator="C", proceeds="-1000", tradePrice="1", netCash="-1010")  # fmt: skip
    import_now(workspace, statement(closing), zone="UTC")
    marked(workspace, "0.5")
    assert reminded(workspace, NOW + timedelta(days=40)) == []


def test_only_workspaces_that_want_it_are_looked_at(alice):
    people.charlie()
    with scopes_disabled():
        assert list_wanting() == {alice.workspace_id}
    tasks.remind()
