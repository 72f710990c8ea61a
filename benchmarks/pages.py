"""What the pages cost on the server, and how many rows each of their queries reads.

    python -m benchmarks.child pages

Measures the demo workspace of the database that DATABASE_URL names, through Django's own request cycle with all
middleware, signed in, from request to rendered bytes. Then every query of a page is explained (ANALYZE), and
the rows that its scans touch are added up: rows given on, and rows looked at and thrown away.

The bound per query: as many rows as the workspace's rollups hold, or as the page shows if that is more. Rollups
hold a row per account, day and currency (and slice), whatever the number of trades.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client
from django.urls import reverse
from django_scopes import scopes_disabled

from accounts.models import Membership
from journal.models import DayRollup, Execution, SliceRollup, Trade

WARM_UP, RUNS = 4, 15
PAGE_ROWS = (
    500  # the longest list that a page shows: fifty trades, or the fills, matches and lots of one
)
WORKSPACE = "Demo"


class Page(NamedTuple):
    name: str
    path: str


class Query(NamedTuple):
    sql: str
    params: Any


def sign_in() -> Client:
    member = Membership.objects.select_related("user").get(workspace__name=WORKSPACE)
    client = Client(SERVER_NAME="localhost")
    client.force_login(member.user)
    return client


def list_pages() -> list[Page]:
    return [
        Page("dashboard", reverse("journal:dashboard")),
        Page("calendar", reverse("journal:calendar")),
        Page("trade list", reverse("journal:trades")),
        Page("trade page", reverse("journal:trade", args=[_usual_trade()])),
    ]


def _usual_trade() -> int:
    """The newest closed trade of four fills: about what both sizes have most of."""
    with scopes_disabled():
        closed = Trade.objects.filter(closed_at__isnull=False, execution_count=4)
        return closed.order_by("-last_at", "-id").values_list("id", flat=True)[0]


def get(client: Client, page: Page) -> None:
    response = client.get(page.path)
    assert response.status_code == 200, (page, response.status_code)
    assert b"</html>" in response.content


def measure_page(client: Client, page: Page) -> dict[str, Any]:
    for _ in range(WARM_UP):
        get(client, page)
    times = [_seconds(lambda: get(client, page)) for _ in range(RUNS)]
    queries = capture(lambda: get(client, page))
    reads = [(rows_read(query), query.sql) for query in queries if is_read(query)]
    most, sql = max(reads, default=(0, ""))
    return {
        "seconds": times,
        "queries": len(queries),
        "rows": sum(rows for rows, _ in reads),
        "rows_most": most,
        "rows_most_in": " ".join(sql.split())[:300],
    }


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def capture(work: Callable[[], None]) -> list[Query]:
    queries: list[Query] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        queries.append(Query(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return queries


def is_read(query: Query) -> bool:
    return query.sql.lstrip().upper().startswith(("SELECT", "WITH"))


def rows_read(query: Query) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query.sql}", query.params)
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    return round(sum(map(_touched, _nodes(plan[0]["Plan"]))))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def _touched(node: dict[str, Any]) -> float:
    """Rows that a scan of a table met. Everything above a scan works on what scans give."""
    if "Relation Name" not in node:
        return 0.0
    dropped = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    each = node["Actual Rows"] + sum(node.get(name, 0) for name in dropped)
    return each * node["Actual Loops"]


def row_bound() -> int:
    with scopes_disabled():
        rollups = max(DayRollup.objects.count(), SliceRollup.objects.count())
    return max(PAGE_ROWS, rollups)


def count_executions() -> int:
    with scopes_disabled():
        return Execution.objects.exclude(report=None).count()


def main() -> None:
    argparse.ArgumentParser(description="Measure the pages of a demo workspace.").parse_args()
    client = sign_in()
    pages = {page.name: measure_page(client, page) for page in list_pages()}
    print(json.dumps({"executions": count_executions(), "bound": row_bound(), "pages": pages}))


if __name__ == "__main__":
    main()
