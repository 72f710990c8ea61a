"""A connection, its broker, and pulls through the functions that a worker runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

import time_machine
from django.test import override_settings
from django.utils import timezone
from django_scopes import scope

from accounts.models import Workspace
from journal.brokers.fetchers import get_fetcher
from journal.models import Connection, Pull
from journal.selectors.connections import Standing, standings_of
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.connections import create_connection
from journal.services.pulls.run import run_pull
from tests.simulators import ibkr_flex
from tests.simulators.ibkr_flex import IbkrFlex
from tests.simulators.link import Clock


@contextlib.contextmanager
def flex_service() -> Iterator[IbkrFlex]:
    """The simulator in the place of its broker, for everything that this process asks."""
    with IbkrFlex(Clock(ibkr_flex.NOW)) as running:
        origins = {f"https://{host}": running.url for host in ibkr_flex.HOSTS}
        with override_settings(BROKER_ORIGINS=origins):
            yield running


@contextlib.contextmanager
def at_its_time(simulator: IbkrFlex) -> Iterator[None]:
    """The clocks of this process and of the database at the simulator's. Time that a pull waits passes there only."""
    with (
        time_machine.travel(simulator.clock.now(), tick=False),
        mock.patch("journal.services.pulls.clock.database_now", timezone.now),
    ):
        yield


def connect(workspace: Workspace, simulator: IbkrFlex, slug: str = "ibkr_flex", **values: Any) -> Connection:  # fmt: skip
    credentials = values.pop("credentials", ibkr_flex.CREDENTIALS)
    with scope(workspace=workspace), at_its_time(simulator):
        return create_connection(
            workspace.pk, get_fetcher(slug), credentials, user_id=None, **values
        )


def pull(connection: Connection, simulator: IbkrFlex, **asked: Any) -> Pull:
    """Asked for and run once, as a worker does."""
    with scope(workspace=connection.workspace_id), at_its_time(simulator):
        connection.refresh_from_db()
        return run_pull(ask_pull(connection, **asked), clock=simulator.clock)


def go_on(one: Pull, simulator: IbkrFlex) -> Pull:
    with scope(workspace=one.workspace_id), at_its_time(simulator):
        return run_pull(one, clock=simulator.clock)


def until_over(one: Pull, simulator: IbkrFlex) -> Pull:
    """As the schedule takes a waiting pull up every minute."""
    for _ in range(100):
        if one.is_finished:
            return one
        simulator.clock.advance(minutes=1)
        one = go_on(one, simulator)
    raise AssertionError(f"{one} after a hundred minutes")


def standing(connection: Connection, simulator: IbkrFlex) -> Standing:
    with scope(workspace=connection.workspace_id):
        connection.refresh_from_db()
        return standings_of([connection], now=simulator.clock.now())[connection.pk]
