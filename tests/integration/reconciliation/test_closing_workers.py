"""Several workers at one account, in transactions of their own: one of them sends."""

from __future__ import annotations

import threading
from collections import Counter
from unittest import mock

import pytest
from django.db import connection as database
from django_scopes import scope

from journal.services.desks.fetcher import FetcherDesk
from reconciliation.domain.closing import Phase
from reconciliation.models import CloseIntent, CloseStep, GuardFiring
from reconciliation.selectors.closing import due_intents, unbegun_firings
from reconciliation.services.closing import working
from reconciliation.services.closing.taking import HOLD, Overtaken, take
from reconciliation.tasks import begin_closing
from tests.closings import PaperAccount, drive, told
from tests.people import alice

pytestmark = pytest.mark.django_db(transaction=True)
HELD = (("ACME", 30), ("BETA", -7))


def at_once(work, count: int) -> list:
    """So many threads, that begin together; what they raised."""
    gate, raised = threading.Barrier(count), []

    def run():
        try:
            gate.wait(10)
            work()
        except Exception as error:
            raised.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return raised


def test_workers_at_the_same_account_send_each_order_once():
    workspace = alice().workspace
    with scope(workspace=workspace.pk), told():
        paper = PaperAccount(workspace, HELD, latency="2")
        firing = paper.fire()
        roots = []

        def begin():
            with scope(workspace=workspace.pk):
                roots.append(paper.begin(firing).pk)

        assert at_once(begin, 4) == []
        assert len(set(roots)) == 1

        def work():
            with scope(workspace=workspace.pk):
                working.work(roots[0], clock=paper.clock)

        while CloseIntent.objects.filter(root=None, ended_at=None).exists():
            assert at_once(work, 4) == []
            paper.clock.advance(1)
        sent = Counter(CloseStep.objects.filter(action="send").values_list("client_id", flat=True))
        assert (len(sent), set(sent.values())) == (2, {1})
        assert len(paper.ledger().orders) == len(HELD) + 2
        assert CloseIntent.objects.get(pk=roots[0]).phase == Phase.CLOSED


def test_a_worker_that_was_overtaken_sends_nothing():
    """It is stopped between what it stored and what it does, for longer than it has the account."""
    workspace = alice().workspace
    with scope(workspace=workspace.pk), told():
        paper = PaperAccount(workspace, (("ACME", 30),))
        root = paper.begin()
        sent = []
        check = working.Hold.check

        def stopped(hold):
            if not sent:
                sent.append("stopped")
                paper.clock.advance(HOLD.total_seconds() + 1)
                other = take(root.pk, paper.clock)
                assert other is not None
                other.let_go()
            check(hold)

        with mock.patch.object(working.Hold, "check", stopped):
            assert working.work(root.pk, clock=paper.clock) is not None
        assert len(paper.ledger().orders) == 1
        with mock.patch.object(FetcherDesk, "send_close", autospec=True) as send:
            stale = take(root.pk, paper.clock)
            assert stale is not None
            CloseIntent.objects.filter(pk=root.pk).update(fence=stale.root.fence + 1)
            with pytest.raises(Overtaken), stale.storing():
                pass
            send.assert_not_called()
            CloseIntent.objects.update(held_until=None)
        drive(root, paper.clock)
        assert (root.phase, paper.held()) == (Phase.CLOSED, {})


def test_while_it_is_worked_on_nobody_else_is_let_in():
    workspace = alice().workspace
    with scope(workspace=workspace.pk), told():
        paper = PaperAccount(workspace, HELD)
        root = paper.begin()
        hold = take(root.pk, paper.clock)
        assert hold is not None
        assert take(root.pk, paper.clock) is None
        assert due_intents(now=paper.clock.now()) == []
        paper.clock.advance(HOLD.total_seconds())
        assert due_intents(now=paper.clock.now()) == [root.pk]


def test_what_the_queue_lost_is_found_by_schedule():
    workspace = alice().workspace
    with scope(workspace=workspace.pk), told():
        paper = PaperAccount(workspace, HELD)
        firing = paper.fire()
        paper.clock.advance(10)
        assert unbegun_firings(now=paper.clock.now()) == [firing.pk]
        with mock.patch("reconciliation.tasks.work_closing"):
            begin_closing(firing.pk)
        assert unbegun_firings(now=paper.clock.now()) == []
        root = CloseIntent.objects.get(root=None)
        CloseIntent.objects.update(began_at=paper.clock.now())
        assert due_intents(now=paper.clock.now()) == [root.pk]
        drive(root, paper.clock)
        assert paper.held() == {}
        assert GuardFiring.objects.get().outcome == "flat"
