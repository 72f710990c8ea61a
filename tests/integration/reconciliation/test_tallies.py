"""Counts of `/metrics`: none lost between processes, none made for what was rolled back."""

from __future__ import annotations

import threading

import pytest
from django.db import close_old_connections, transaction

from reconciliation.models import Tally
from reconciliation.services import tallies

pytestmark = pytest.mark.django_db(transaction=True)


def kept():
    return {(one.name, one.label): one.value for one in Tally.objects.all()}


def test_counts_add_up_by_label():
    tallies.count(tallies.SYNCS, "mt5")
    tallies.count(tallies.SYNCS, "mt5", by=2)
    tallies.count(tallies.SYNCS, "paper")
    tallies.count(tallies.GUARD_TRIGGERS)
    tallies.count(tallies.GUARD_TRIGGERS, by=0)
    assert kept() == {
        (tallies.SYNCS, "mt5"): 3,
        (tallies.SYNCS, "paper"): 1,
        (tallies.GUARD_TRIGGERS, ""): 1,
    }


def test_what_is_rolled_back_is_not_counted():
    with transaction.atomic():
        tallies.count(tallies.GUARD_TRIGGERS)
        transaction.set_rollback(True)
    assert kept() == {}


def test_times_fall_into_the_bucket_whose_bound_they_do_not_exceed():
    tallies.observe(tallies.LATENCY, 0.05)
    tallies.observe_all(tallies.LATENCY, [0.06, 0.07, 500])
    assert kept() == {
        (tallies.LATENCY, "0.05"): 1,
        (tallies.LATENCY, "0.1"): 2,
        (tallies.LATENCY, "+Inf"): 1,
        (tallies.LATENCY, "sum"): pytest.approx(500.18),
    }


def test_many_are_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        tallies.add({(tallies.DIVERGENCES, f"reason{number}"): 1 for number in range(29)})


def test_several_at_once_lose_nothing_and_wait_for_nobody_in_a_circle():
    def work(labels):
        for _ in range(20):
            with transaction.atomic():
                for label in labels:
                    tallies.count(tallies.DIVERGENCES, label)
                tallies.add({(tallies.DIVERGENCES, label): 1 for label in labels})
        close_old_connections()

    threads = [threading.Thread(target=work, args=(order,)) for order in (["a", "b", "c"], ["c", "b", "a"])]  # fmt: skip
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert kept() == {(tallies.DIVERGENCES, label): 80 for label in "abc"}
