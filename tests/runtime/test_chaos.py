"""Two bots, a Flex sync and two file imports on one account at once, with workers killed and the database restarted.

Whatever was acknowledged is in the book, once, and every figure agrees.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
import time
import urllib.error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from fillbook_client import Journal

from tests.brokers.ibkr_flex.flex import statement, trade
from tests.runtime.api import Api, manage
from tests.runtime.running import Copy
from tests.simulators.ibkr_flex import HOSTS, QUERY, TOKEN, IbkrFlex

pytestmark = [pytest.mark.xdist_group("runtime"), pytest.mark.slow]

ACCOUNT = "U7000001"
BOTS = 2
FILLS = 240  # of each bot
OTHERS = 200  # that no bot reported
DAY = datetime.now(UTC).date() - timedelta(days=7)
NEW_YORK = timedelta(hours=5)  # in November


class RealClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def moment(number: int) -> datetime:
    """A second of its own for each fill, from 10:00 in New York."""
    start = datetime.combine(DAY, datetime.min.time(), UTC) + timedelta(hours=15)
    return start + timedelta(seconds=number)


def row(number: int) -> dict[str, str]:
    """How the broker states it. Fills come in pairs, a purchase and a sale of the same."""
    at = moment(number) - NEW_YORK
    is_sale = number % 2
    return {
        "transactionID": str(9_000_000 + number),
        "tradeID": str(5_000_000 + number),
        "ibExecID": f"00aa.{number:06}.01",
        "dateTime": f"{at:%Y%m%d;%H%M%S}",
        "tradeDate": f"{at:%Y%m%d}",
        "symbol": f"S{number // 2 % 7}",
        "conid": str(100 + number // 2 % 7),
        "quantity": "-10" if is_sale else "10",
        "buySell": "SELL" if is_sale else "BUY",
        "tradePrice": str(20 + number % 9),
        "ibCommission": "-0.35",
    }


def told_by_bots() -> list[list[int]]:
    """Numbers of fills, by bot."""
    return [list(range(bot, BOTS * FILLS, BOTS)) for bot in range(BOTS)]


def run_bot(journal: Journal, numbers: list[int]) -> None:
    for number in numbers:
        said = row(number)
        name = f"order-{number}"
        order = {
            "symbol": said["symbol"],
            "currency": "USD",
            "side": said["buySell"],
            "quantity": 10,
        }
        journal.order(name, "placed", at=moment(number), **order)
        journal.execution(
            said["symbol"], said["buySell"], 10, said["tradePrice"], executed_at=moment(number),
            exec_id=said["ibExecID"], client_order_id=name, currency="USD",
        )  # fmt: skip
        journal.order(name, "filled", at=moment(number), filled_quantity=10)
        time.sleep(0.01)


def kill(copy: Copy, slug: str, number: int) -> None:
    """It and its children, as a machine that loses power would."""
    try:
        program = copy.child(slug)
        family = [program, *program.children(recursive=True)]
    except (AssertionError, psutil.NoSuchProcess):
        return
    for process in family:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            pass


def cause_trouble(copy: Copy) -> None:
    for slug, number in (
        ("worker", signal.SIGKILL),
        ("postgres", signal.SIGKILL),
        ("worker", signal.SIGKILL),
        ("postgres", signal.SIGINT),
        ("web", signal.SIGKILL),
    ):
        time.sleep(4)
        kill(copy, slug, number)


def until(done: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if done():
                return
        except (OSError, http.client.HTTPException, ValueError):
            pass
        time.sleep(0.5)
    raise AssertionError(f"not {what} within {seconds} s")


def insist(work: Callable[[], dict], seconds: float = 90) -> dict:
    """As a script does that wants its answer: again, while the journal is away."""
    found: list[dict] = []

    def succeed() -> bool:
        try:
            found.append(work())
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise AssertionError(error.read()) from error
        return bool(found)

    until(succeed, seconds, "answered")
    return found[0]


@pytest.fixture
def broker():
    with IbkrFlex(RealClock()) as flex:
        flex.opened = None
        for number in [*range(BOTS * FILLS), *others()]:
            flex.add_trade(f"{DAY:%Y%m%d}", **row(number))
        yield flex


def others() -> range:
    return range(BOTS * FILLS, BOTS * FILLS + OTHERS)


@pytest.fixture
def copy(tmp_path: Path, broker: IbkrFlex):
    origins = json.dumps({f"https://{host}": broker.url for host in HOSTS})
    running = Copy(
        tmp_path / "data", API_RATE_LIMIT="100000/minute", BROKER_ORIGINS=origins,
        IBKR_FLEX_TOKEN=TOKEN, IBKR_FLEX_QUERY_ID=QUERY,
    ).wait_until_ready()  # fmt: skip
    yield running
    running.stop()


def test_everything_at_once_while_workers_and_the_database_die(copy: Copy, tmp_path: Path):
    manage(copy, "create_user", "alice@example.org", "--workspace", "Alice")
    token = manage(copy, "create_token", "alice@example.org")
    api = Api(copy, token)
    first = api.upload(statement(trade(**row(others()[0]))).encode())["id"]
    api.wait(first, lambda status: status["state"] in ("done", "failed"))

    journals = [
        Journal(api.base.removesuffix("/api"), token, account=ACCOUNT, spool=tmp_path / f"{bot}.db")
        for bot in range(BOTS)
    ]
    bots = [
        threading.Thread(target=run_bot, args=(journal, numbers))
        for journal, numbers in zip(journals, told_by_bots(), strict=True)
    ]
    for bot in bots:
        bot.start()
    halves = (range(0, BOTS * FILLS, 3), [*range(0, BOTS * FILLS, 2), *others()])
    files = [statement(*(trade(**row(number)) for number in half)) for half in halves]
    batches = [insist(lambda file=file: api.upload(file.encode()))["id"] for file in files]
    pull = insist(lambda: api.post("trades/import/flex", {"days_back": 30}))["id"]
    cause_trouble(copy)
    for bot in bots:
        bot.join()
    for journal in journals:
        assert journal.flush(240), journal.status()
        assert journal.status().refused == 0
        journal.close()

    def is_over(batch: int) -> bool:
        return api.get(f"trades/import/status/{batch}")["state"] in ("done", "failed")

    for batch in (*batches, pull):
        until(lambda batch=batch: is_over(batch), 240, f"done with {batch}")
        assert api.get(f"trades/import/status/{batch}")["state"] == "done"
    until(lambda: orders_of(api) == BOTS * FILLS, 120, "booked")
    executions = everything(api, "executions")
    expected = BOTS * FILLS + OTHERS
    assert len(executions) == expected
    assert len({one["broker_id"] for one in executions}) == expected
    assert {one["fee"] for one in executions} == {"0.35"}
    by_bots = [one for one in executions if one["source"] == "bot"]
    assert len(by_bots) == BOTS * FILLS
    assert {one["status"] for one in everything(api, "orders")} == {"filled"}
    assert "agree" in manage(copy, "verify_books")


def orders_of(api: Api) -> int:
    return len(everything(api, "orders?status=filled"))


def everything(api: Api, path: str) -> list[dict]:
    found: list[dict] = []
    url = f"{path}{'&' if '?' in path else '?'}page_size=1000"
    while url:
        page = api.get(url)
        found += page["results"]
        url = (page["next"] or "").removeprefix(f"{api.base}/")
    return found
