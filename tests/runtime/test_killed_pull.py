"""A worker that is killed between asking for a statement and fetching it: the next one fetches, and asks for nothing."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.effort import EXHAUSTIVE
from tests.runtime.api import Api, kill_worker, manage
from tests.runtime.running import Copy
from tests.simulators.ibkr_flex import CREDENTIALS, GET, HOSTS, SEND, TOKEN, IbkrFlex
from tests.simulators.link import Clock
from tests.simulators.wire import SILENCE

# Of the same kind as the killed import, which is tried always.
pytestmark = [pytest.mark.xdist_group("runtime"), pytest.mark.slow, EXHAUSTIVE]


class Now(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def flex():
    with IbkrFlex(Now(datetime.now(UTC))) as broker:
        day = f"{datetime.now(UTC).year}0105"
        broker.add_trade(day, transactionID="1", tradeID="1", quantity="10")
        yield broker


@pytest.fixture
def copy(tmp_path: Path, flex):
    origins = json.dumps({f"https://{host}": flex.url for host in HOSTS})
    running = Copy(tmp_path / "data", BROKER_ORIGINS=origins).wait_until_ready()
    yield running
    running.stop()


def wait_for(what, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_killed_worker_s_statement_is_fetched_by_the_next_one(copy: Copy, flex: IbkrFlex):
    manage(copy, "create_user", "alice@example.org", "--workspace", "Alice")
    api = Api(copy, manage(copy, "create_token", "alice@example.org"))
    flex.fail(GET, SILENCE)
    made = api.post("connections", {"fetcher": "ibkr_flex", "credentials": CREDENTIALS})
    wait_for(lambda: flex.asked(GET))
    assert len(flex.asked(SEND)) == 1
    pull = api.get("pulls")["results"][0]
    assert pull["state"] == "running"
    kill_worker(copy)

    status = api.wait(pull["status_id"], lambda status: status["state"] in ("done", "failed"))
    assert (status["state"], status["error"]) == ("done", None)
    assert status["counts"]["executions"] == {"read": 1, "new": 1, "duplicate": 0}
    # The first year's statement was fetched by its reference; it was not asked for again.
    assert len(set(flex.periods())) == len(flex.periods())
    assert flex.references()[:2] == ["4000000001", "4000000001"]
    assert api.get(f"connections/{made['id']}")["state"] == "ok"
    logs = b"".join(path.read_bytes() for path in copy.data_dir.glob("logs/*"))
    assert b"pull_connection" in logs
    assert TOKEN.encode() not in logs
