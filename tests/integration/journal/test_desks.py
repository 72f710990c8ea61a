"""A connection while it is open: what it can do, and what is left of whatever goes wrong at the broker."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.test import override_settings
from django.utils import timezone

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Credential, PullFault, Rate, Verdict
from journal.brokers.live import MAY_CLOSE, Ability, AccountReading, ClosingOrder
from journal.domain.fate import Fate, Reply
from journal.domain.values import AssetClass, Side
from journal.models import Connection, Turn
from journal.services.desks import opening
from journal.services.desks.opening import abilities_of, open_desk
from journal.services.pulls.credentials import seal
from tests.simulators.wire import SILENCE, Request, Response, Simulator

pytestmark = pytest.mark.django_db

SECRET = "k3y-5518-x"
ORIGIN = "https://broker.example"
SHARE = InstrumentRow("", AssetClass.STOCK, "FERN", "USD", D(1))
ORDER = ClosingOrder(SHARE, "", Side.SELL, D(3), "abc-1")


class Slow:
    slug = broker = "slow"
    label = "Slow"
    credentials: tuple[Credential, ...] = (Credential("token", "Token"), MAY_CLOSE)
    overlap, reach = timedelta(0), None

    def fetch(self, link, window):
        return iter(())


class Live(Slow):
    """Asks for a turn, then one question."""

    rates = (Rate(50, timedelta(seconds=1)),)

    def read_account(self, link, account_id):
        link.take_turn(f"live:{link.credentials['token']}", *self.rates)
        answer = link.http.get(f"{ORIGIN}/a", params={"t": link.credentials["token"]})
        if answer.status_code == 418:
            raise PullFault("banned", f"Not with {SECRET}.", Verdict.BLOCKED, until=_later())
        if answer.status_code != 200:
            raise ValueError(f"what is this? {link.credentials}")
        return AccountReading(account_id, link.now(), "USD", (), (), D(1), D(1))

    def send_close(self, link, account_id, order):
        link.http.post(f"{ORIGIN}/orders", json={"id": order.client_id})
        return Reply(Fate.REJECTED, reason=f"no {SECRET}")

    def find_order(self, link, account_id, client_id):
        raise PullFault("broker_failing", "down", Verdict.LATER)

    def cancel_orders(self, link, account_id, instrument):
        return True


def _later() -> datetime:
    return timezone.now() + timedelta(hours=1)


class Broker(Simulator):
    def respond(self, request: Request) -> Response:
        return Response.of({})


@pytest.fixture
def broker():
    with Broker() as running, override_settings(BROKER_ORIGINS={ORIGIN: running.url}):
        yield running


@pytest.fixture
def fetcher(monkeypatch):
    one = Live()
    monkeypatch.setattr(opening, "get_fetcher", {"live": one, "slow": Slow()}.__getitem__)
    return one


def connect(workspace, fetcher, slug="live", **credentials) -> Connection:
    sealed = seal(fetcher, {"token": SECRET, "closing": "yes", **credentials})
    return Connection.objects.create(
        workspace=workspace, fetcher=slug, name="A", credentials=sealed.text, credentials_digest=sealed.digest
    )  # fmt: skip


def test_closing_takes_leave(workspace, fetcher):
    reads = {Ability.READ_HISTORY, Ability.READ_POSITIONS}
    assert abilities_of(connect(workspace, fetcher)) == reads | {Ability.CLOSE}
    for unsaid in ("no", ""):
        assert abilities_of(connect(workspace, fetcher, closing=unsaid)) == reads
    assert abilities_of(connect(workspace, fetcher, "slow")) == {Ability.READ_HISTORY}
    gone = connect(workspace, fetcher)
    gone.disconnected_at = timezone.now()
    assert abilities_of(gone) == frozenset()
    with pytest.raises(PullFault, match="taken away"), open_desk(gone):
        pass


def test_without_leave_nothing_is_sent(workspace, fetcher, broker):
    with open_desk(connect(workspace, fetcher, closing="no")) as desk:
        assert desk.read("1").is_complete
        for call in (
            lambda: desk.send_close("1", ORDER),
            lambda: desk.find_order("1", "abc-1"),
            lambda: desk.cancel_orders("1", SHARE),
        ):
            with pytest.raises(PullFault) as caught:
                call()
            assert (caught.value.code, caught.value.verdict) == ("not_offered", Verdict.PERSON)
    assert not broker.asked("/orders")


@pytest.mark.parametrize("trouble", [SILENCE, Response(500, b"no")])
def test_a_failed_reading_is_a_fault_and_tells_no_secret(workspace, fetcher, broker, caplog, trouble):  # fmt: skip
    caplog.set_level(logging.DEBUG)
    broker.fail("/a", trouble)
    with open_desk(connect(workspace, fetcher), timeout=0.4) as desk:
        with pytest.raises(PullFault) as caught:
            desk.read("1")
        assert caught.value.verdict is Verdict.LATER
        # The next call has its own time.
        assert desk.read("1").equity == 1
    assert SECRET not in caplog.text + caught.value.message


def test_an_order_without_an_answer_is_unknown(workspace, fetcher, broker):
    broker.fail("/orders", SILENCE)
    with open_desk(connect(workspace, fetcher), timeout=0.4) as desk:
        assert desk.send_close("1", ORDER).fate is Fate.UNKNOWN
        reply = desk.send_close("1", ORDER)
    assert (reply.fate, reply.reason) == (Fate.REJECTED, "no [hidden]")


def test_turns_are_shared_and_do_not_last_longer_than_the_call(workspace, fetcher, broker):
    fetcher.rates = (Rate(1, timedelta(seconds=30)),)
    with open_desk(connect(workspace, fetcher), timeout=2) as desk:
        # One more than a pull may.
        assert desk.read("1").is_complete
        assert desk.read("1").is_complete
        with pytest.raises(PullFault) as caught:
            desk.read("1")
    assert caught.value.code == "desk_too_slow"
    assert len(broker.asked("/a")) == 2
    assert Turn.objects.count() == 1


def test_a_lockout_is_everybodys(workspace, fetcher, broker):
    broker.fail("/a", Response(418))
    first = connect(workspace, fetcher)
    with open_desk(first) as desk, pytest.raises(PullFault) as caught:
        desk.read("1")
    assert SECRET not in caught.value.message
    with open_desk(connect(workspace, fetcher)) as desk, pytest.raises(PullFault) as caught:
        desk.read("1")
    assert (caught.value.verdict, len(broker.asked("/a"))) == (Verdict.BLOCKED, 1)


def test_memory_is_kept_beside_a_pulls(workspace, fetcher):
    one = connect(workspace, fetcher)
    link = opening.DeskLink(one, {}, seconds=1, clock=opening.SYSTEM)
    Connection.objects.filter(pk=one.pk).update(state={"pull": 1})
    link.remember(desk=2)
    assert Connection.objects.get(pk=one.pk).state == {"pull": 1, "desk": 2}
    assert dict(link.state) == {"pull": 1, "desk": 2}
    Connection.objects.filter(pk=one.pk).update(disconnected_at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(PullFault, match="changed"):
        link.remember(desk=3)
