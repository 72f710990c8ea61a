"""A worker that dies in the middle of an import, and what is left of it: the whole import, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.brokers.ibkr_flex.flex import statement, trade
from tests.effort import EXHAUSTIVE
from tests.runtime.api import Api, kill_worker, manage
from tests.runtime.running import Copy

# In test_chaos workers die of imports, too.
pytestmark = [pytest.mark.xdist_group("runtime"), pytest.mark.slow, EXHAUSTIVE]

FILLS = 20_000


def big_statement() -> str:
    return statement(
        *(
            trade(
                transactionID=str(n),
                tradeID=str(n),
                symbol=f"S{n % 300}",
                conid=str(n % 300 + 1),
                dateTime=f"202606{n * 27 // FILLS + 1:02d};{9 + n % 7:02d}{n % 60:02d}{n // 300 % 60:02d}",
                quantity=str(10 if n % 2 else -10),
                buySell="BUY" if n % 2 else "SELL",
            )
            for n in range(FILLS)
        )
    )


@pytest.fixture
def copy(tmp_path: Path):
    running = Copy(tmp_path / "data", API_RATE_LIMIT="100000/minute").wait_until_ready()
    yield running
    running.stop()


def test_an_import_whose_worker_is_killed_finishes_once(copy: Copy):
    manage(copy, "create_user", "alice@example.org", "--workspace", "Alice")
    api = Api(copy, manage(copy, "create_token", "alice@example.org"))
    batch = api.upload(big_statement().encode())["id"]

    def is_at_work(status: dict) -> bool:
        return status["state"] == "running" and bool((status["progress"] or {}).get("done"))

    api.wait(batch, is_at_work)
    kill_worker(copy)
    assert api.get(f"trades/import/status/{batch}")["state"] == "running"
    assert api.get("executions")["results"] == []

    status = api.wait(batch, lambda status: status["state"] in ("done", "failed"))
    assert status["state"] == "done"
    assert status["result"]["accounts"][0]["executions"] == {
        "read": FILLS, "new": FILLS, "duplicate": 0,
    }  # fmt: skip
    again = api.upload(big_statement().encode())["id"]
    status = api.wait(again, lambda status: status["state"] in ("done", "failed"))
    assert status["result"]["accounts"][0]["executions"]["new"] == 0
