"""The pages of accounts."""

from __future__ import annotations

import pytest
from celery.signals import before_task_publish
from django.apps import apps
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from journal import tasks
from journal.models import BrokerAccount, Trade
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES, element, statement, trade
from tests.doors import ROUND_TRIP, import_now
from tests.web.journal.books import fills

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Long term",
    "base_currency": "usd",
    "zone": "America/New_York",
    "day_rollover_minutes": "00:00",
    "statement_zone": "",
    "lot_method": "fifo",
}


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def only(who) -> BrokerAccount:
    with scope(workspace=who.workspace):
        return BrokerAccount.objects.get()


def test_without_accounts_the_page_says_how_they_come(alice):
    shown = alice.get("/accounts").content.decode()
    assert "An imported statement brings its accounts along" in shown


def test_an_imported_account_is_listed_and_shown(who, alice):
    import_now(who.workspace, (SAMPLES / "activity.xml").read_bytes(), name="activity.xml")
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.first()
    assert account.broker_id in alice.get("/accounts").content.decode()
    shown = alice.get(f"/accounts/{account.pk}").content.decode()
    for words in (account.broker_id, "activity.xml", "Cash movements", "First in, first out"):
        assert words in shown


def test_days_that_no_statement_covers_are_said(who, alice):
    june = ROUND_TRIP
    august = ROUND_TRIP.replace("20260601", "20260801").replace("20260630", "20260831")
    import_now(who.workspace, june)
    import_now(who.workspace, august)
    shown = alice.get(f"/accounts/{only(who).pk}").content.decode()
    assert "Nothing covers the days between" in shown
    assert "30 Jun 2026" in shown
    assert "01 Aug 2026" in shown


@pytest.mark.parametrize(
    ("last", "next_first", "is_gap"),
    [
        ("20251231", "20260102", False),  # New Year
        ("20260605", "20260608", False),  # a weekend
        ("20251231", "20260105", True),  # Friday 2 January is missing
        ("20260605", "20260609", True),
    ],
)
def test_days_on_which_no_market_trades_are_no_gap(who, alice, last, next_first, is_gap):
    first = ROUND_TRIP.replace("20260601", "20250601").replace("20260630", last)
    import_now(who.workspace, first.replace("20260602", "20250602"))
    import_now(who.workspace, ROUND_TRIP.replace("20260601", next_first))
    shown = alice.get(f"/accounts/{only(who).pk}").content.decode()
    assert ("Nothing covers the days between" in shown) is is_gap


def test_an_average_is_written_as_on_the_dashboard(who, alice):
    rows = fills(("20260602;093001", "ACME", "1", "10"), ("20260602;093101", "ACME", "2", "10.01"))
    import_now(who.workspace, statement(*rows))
    for page in ("/", f"/accounts/{only(who).pk}"):
        assert ">10.0067</span>" in alice.get(page).content.decode()


def test_cash_movements_are_paged(who, alice):
    rows = [
        element(
            "CashTransaction",
            {
                "accountId": "U7000001", "currency": "USD", "fxRateToBase": "1", "amount": str(n + 1),
                "type": "Deposits/Withdrawals", "transactionID": str(n), "description": f"WIRE {n}.",
                "dateTime": f"202606{n % 28 + 1:02d};202000",
            },
        )
        for n in range(40)
    ]  # fmt: skip
    import_now(who.workspace, statement(*rows, section="CashTransactions"))
    url = f"/accounts/{only(who).pk}"
    first = alice.get(url)
    assert first.content.decode().count("WIRE ") == 25
    assert "+820.00" in first.content.decode()
    second = alice.get(url + first.context["page"]["next"].partition("#")[0])
    assert second.content.decode().count("WIRE ") == 15


def test_a_change_of_the_name_leaves_the_book_alone(who, alice):
    import_now(who.workspace, ROUND_TRIP)
    url = f"/accounts/{only(who).pk}"
    assert "Saved." in alice.post(url, FIELDS, follow=True).content.decode()
    account = only(who)
    assert (account.name, account.base_currency, account.rebook_asked_at) == (
        "Long term",
        "USD",
        None,
    )


def test_a_change_that_alters_the_book_says_so_until_it_is_booked(who, alice):
    import_now(
        who.workspace,
        statement(
            trade(transactionID="1", quantity="1", tradePrice="10"),
            trade(transactionID="2", quantity="1", tradePrice="20", dateTime="20260602;100000"),
            trade(
                transactionID="3", quantity="-1", tradePrice="20", buySell="SELL",
                dateTime="20260602;110000",
            ),
        ),
    )  # fmt: skip
    account = only(who)
    with scope(workspace=who.workspace):
        assert Trade.objects.get().gross_pnl == 10
    url = f"/accounts/{account.pk}"
    shown = alice.post(
        url, {**FIELDS, "lot_method": "lifo", "reason": "Tax office."}, follow=True
    ).content.decode()
    assert "derived anew" in shown
    assert "A change is being worked in" in shown
    tasks.rebook_account(account.pk)
    with scope(workspace=who.workspace):
        assert Trade.objects.get().gross_pnl == 0
    assert "A change is being worked in" not in alice.get(url).content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"lot_method": "lifo"},
        {"day_rollover_minutes": "17:00"},
        {"base_currency": "EUR"},
        {"zone": "Europe/Berlin"},
        {"is_hedging": "yes"},
    ],
)
def test_a_change_that_alters_the_book_needs_a_reason_and_the_trail_keeps_it(who, alice, change):
    import_now(who.workspace, ROUND_TRIP)
    url = f"/accounts/{only(who).pk}"
    refused = alice.post(url, {**FIELDS, **change, "reason": " "})
    assert (refused.status_code, only(who).rebook_asked_at) == (422, None)
    assert "Say why" in refused.content.decode()
    assert alice.post(url, {**FIELDS, **change, "reason": "As agreed."}).status_code == 303
    assert only(who).rebook_asked_at is not None
    event = apps.get_model("journal", "BrokerAccountEvent").objects.select_related("pgh_context")
    said = event.order_by("-pk")[0].pgh_context.metadata
    assert (said["reason"], said["user"]) == ("As agreed.", who.alice.user_id)


def test_the_api_asks_for_the_reason_too(who):
    import_now(who.workspace, ROUND_TRIP)
    api, url = people.bot(who.alice, Scope.JOURNAL_WRITE), f"/api/accounts/{only(who).pk}"
    refused = api.patch(url, {"lot_method": "lifo"}, format="json")
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["reason"])
    assert only(who).lot_method == "fifo"
    changed = api.patch(url, {"lot_method": "lifo", "reason": "As agreed."}, format="json")
    assert (changed.status_code, changed.json()["lot_method"]) == (200, "lifo")
    assert "reason" not in changed.json()
    assert api.patch(url, {"name": "Swing"}, format="json").status_code == 200


def test_what_is_left_as_it_is_nobody_chose(who, alice):
    import_now(who.workspace, ROUND_TRIP)
    url = f"/accounts/{only(who).pk}"
    shown = alice.get(url).content.decode()
    assert "As its statements say (now: first in, first out)" in shown
    assert "As its statements say (now: no)" in shown
    alice.post(url, {**FIELDS, "lot_method": ""})
    assert (only(who).name, only(who).chosen) == ("Long term", [])
    # The same as now, and from now on chosen: the book stays, so nobody has to say why.
    assert alice.post(url, {**FIELDS, "is_hedging": "no"}).status_code == 303
    assert (only(who).chosen, only(who).rebook_asked_at) == (["is_hedging", "lot_method"], None)
    assert "As its statements say (now" not in alice.get(url).content.decode()
    alice.post(url, {**FIELDS, "lot_method": "", "is_hedging": ""})
    assert only(who).chosen == []


def test_a_person_without_leave_to_write_sees_what_was_chosen(who, alice):
    import_now(who.workspace, ROUND_TRIP)
    url = f"/accounts/{only(who).pk}"
    bob = people.browser(who.bob)
    assert bob.get(url).content.decode().count("as its statements say") == 2
    alice.post(url, {**FIELDS, "is_hedging": "yes", "reason": "As agreed."})
    shown = bob.get(url).content.decode()
    assert "as its statements say" not in shown
    assert shown.count('<span class="muted">chosen</span>') == 2


def test_the_api_says_what_was_chosen_and_takes_it_back(who):
    import_now(who.workspace, ROUND_TRIP)
    api, url = people.bot(who.alice, Scope.JOURNAL_WRITE), f"/api/accounts/{only(who).pk}"
    assert api.patch(url, {"name": "Swing"}, format="json").json()["chosen"] == []
    assert api.patch(url, {"lot_method": "fifo"}, format="json").json()["chosen"] == ["lot_method"]
    refused = api.patch(url, {"chosen": [], "is_hedging": True}, format="json")
    assert (refused.status_code, only(who).chosen) == (422, ["lot_method"])
    change = {"lot_method": "lifo", "zone": "Asia/Tokyo", "reason": "As agreed."}
    assert api.patch(url, change, format="json").json()["chosen"] == ["lot_method", "zone"]
    back = {"lot_method": None, "zone": None, "reason": "As it was."}
    said = api.patch(url, back, format="json").json()
    assert (said["lot_method"], said["zone"], said["chosen"]) == ("fifo", "America/New_York", [])


@pytest.mark.parametrize(
    ("named", "chosen", "zone"),
    [
        ({}, [], "Europe/Athens"),
        ({"is_hedging": None, "zone": None}, [], "Europe/Athens"),
        ({"zone": "UTC", "is_hedging": False}, ["is_hedging", "zone"], "UTC"),
    ],
)
def test_of_an_account_made_over_the_api_is_chosen_what_is_named(who, named, chosen, zone):
    api = people.bot(who.alice, Scope.JOURNAL_WRITE)
    made = api.post("/api/accounts", {"broker": "mt5", "broker_id": "M1", **named}, format="json")
    assert (made.status_code, made.json()["chosen"], made.json()["zone"]) == (201, chosen, zone)


def test_an_account_made_on_the_page_counts_as_its_statements_say_unless_somebody_chose(who, alice):
    fields = {**FIELDS, "broker": "mt5", "zone": "", "lot_method": "", "is_hedging": ""}
    page = alice.get("/accounts/new")
    assert "As its statements say</option>" in page.content.decode()
    assert page.context["form"]["zone"].value() == ""
    alice.post("/accounts/new", {**fields, "broker_id": "1"})
    alice.post("/accounts/new", {**fields, "broker_id": "2", "lot_method": "lifo"})
    with scope(workspace=who.workspace):
        made = list(BrokerAccount.objects.order_by("broker_id").values_list("chosen", "zone"))
    assert made == [([], "Europe/Athens"), (["lot_method"], "Europe/Athens")]


def test_a_rebooking_that_was_lost_is_found_again(who, alice):
    import_now(who.workspace, ROUND_TRIP)
    account = only(who)
    alice.post(
        f"/accounts/{account.pk}", {**FIELDS, "day_rollover_minutes": "17:00", "reason": "Futures."}
    )
    account = only(who)
    assert (account.day_rollover_minutes, account.rebook_asked_at is None) == (1020, False)
    asked = account.rebook_asked_at
    with scope(workspace=who.workspace):
        BrokerAccount.objects.update(rebook_asked_at=asked.replace(year=asked.year - 1))
    sent = []

    def note(sender=None, body=None, **_):
        sent.append((sender, body[0]))

    before_task_publish.connect(note)
    try:
        tasks.resume_imports()
    finally:
        before_task_publish.disconnect(note)
    assert ("journal.tasks.rebook_account", (account.pk,)) in sent


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("zone", "Mars/Olympus", "is not a time zone"),
        ("base_currency", "U$", "currency code"),
        ("day_rollover_minutes", "25:00", "time of day"),
        ("lot_method", "best", "valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(who, alice, field, value, words):
    import_now(who.workspace, ROUND_TRIP)
    response = alice.post(f"/accounts/{only(who).pk}", {**FIELDS, field: value})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert only(who).name == ""


def test_a_manual_account_is_made_once(alice, who):
    fields = {**FIELDS, "broker": "manual", "broker_id": "M-1"}
    assert alice.post("/accounts/new", fields).status_code == 303
    assert only(who).broker_id == "M-1"
    again = alice.post("/accounts/new", fields)
    assert again.status_code == 422
    assert "already in the workspace" in again.content.decode()


def test_an_account_is_put_away_and_taken_back(who, alice):
    import_now(who.workspace, ROUND_TRIP)
    url = f"/accounts/{only(who).pk}"
    alice.post(f"{url}/archive")
    assert only(who).archived_at is not None
    assert "Put away" in alice.get("/accounts").content.decode()
    alice.post(f"{url}/archive")
    assert only(who).archived_at is None


def test_a_viewer_sees_accounts_and_changes_none(who):
    import_now(who.workspace, ROUND_TRIP)
    bob, url = people.browser(who.bob), f"/accounts/{only(who).pk}"
    shown = bob.get(url).content.decode()
    assert "Lots are matched" in shown
    assert ">Save<" not in shown
    assert bob.post(url, FIELDS).status_code == 403
    assert bob.post(f"{url}/archive").status_code == 403
    assert bob.get("/accounts/new").status_code == 403
