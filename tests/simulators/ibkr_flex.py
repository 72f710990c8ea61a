"""The Flex Web Service, version 3: SendRequest and GetStatement with its limits, its errors and its lockout."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.brokers.ibkr_flex.flex import element, trade
from tests.simulators.link import Clock
from tests.simulators.wire import Request, Response, Simulator

ZONE = ZoneInfo("America/New_York")
TOKEN = "184465839201736452910"
QUERY = "1046772"
CREDENTIALS = {"token": TOKEN, "query_id": QUERY}
HOSTS = ("ndcdyn.interactivebrokers.com", "gdcdyn.interactivebrokers.com")
PATH = "/AccountManagement/FlexWebService/"
SEND, GET = f"{PATH}SendRequest", f"{PATH}GetStatement"
# A Wednesday, 10:00 in New York.
NOW = "2026-07-01T14:00:00+00:00"
Scripted = str | Response | Callable[[Request], Response]

MESSAGES = {
    "1001": "Statement could not be generated at this time. Please try again shortly.",
    "1003": "Statement is not available.",
    "1012": "Token has expired.",
    "1015": "Token is invalid.",
    "1016": "Account in invalid.",
    "1017": "Reference code is invalid.",
    "1018": "Too many requests have been made from this token. Please try again shortly.",
    "1019": "Statement generation in progress. Please try again shortly.",
    "1020": "Invalid request or unable to validate request.",
    "1025": "Too many failed attempts. Please review your configuration.",
}
RECEIPT_URL = (
    "<Url>https://gdcdyn.interactivebrokers.com/AccountManagement/FlexWebService/GetStatement</Url>"
)


def xml(text: str) -> Response:
    return Response(200, text.encode(), "text/xml")


def failure(code: str, status: str = "Fail") -> Response:
    """As the service writes it: single quotes here, double quotes in receipts."""
    words = MESSAGES.get(code, f"Trouble {code}.")
    return xml(
        f"<FlexStatementResponse timestamp='01 July, 2026 10:00 AM EDT'>\n<Status>{status}</Status>\n"
        f"<ErrorCode>{code}</ErrorCode>\n<ErrorMessage>{words}</ErrorMessage>\n</FlexStatementResponse>"
    )


class IbkrFlex(Simulator):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        # (account, day, row of the statement)
        self.rows: list[tuple[str, date, str]] = []
        self.accounts = ["U7000001"]
        self.opened: date | None = date(2026, 1, 5)
        # Answers to the next requests of each step; empty: as the service should.
        self.on_send: deque[Scripted] = deque()
        self.on_get: deque[Scripted] = deque()
        self.queries = {QUERY}
        self.receipt_url = RECEIPT_URL
        self.own_period = (date(2026, 6, 1), date(2026, 6, 30))
        self.locked_until: datetime | None = None
        self.enforces_limits = True
        self._codes = itertools.count(4_000_000_001)
        self._asked: dict[str, tuple[date, date]] = {}
        self._made: dict[str, str] = {}
        self._served: deque[datetime] = deque(maxlen=10)

    # -- the book of the broker

    def add_trade(self, on: str, account: str = "U7000001", **changes: str) -> None:
        """`on` is a day of New York as yyyymmdd."""
        day = datetime.strptime(on, "%Y%m%d").date()
        row = trade(accountId=account, **{"dateTime": f"{on};100000", "tradeDate": on, **changes})
        self.rows.append((account, day, row))

    def fill(self) -> None:
        """A round trip in June, for tests that do not care what."""
        self.add_trade("20260622", transactionID="1", tradeID="1", quantity="10")
        self.add_trade(
            "20260623",
            transactionID="2",
            tradeID="2",
            quantity="-10",
            buySell="SELL",
            tradePrice="12",
        )

    def statement(self, first: date, last: date) -> str:
        parts = []
        for account in self.accounts:
            rows = [row for of, day, row in self.rows if of == account and first <= day <= last]
            opened = {"dateOpened": f"{self.opened:%Y%m%d}"} if self.opened else {}
            about = element(
                "AccountInformation", {"accountId": account, "currency": "USD", **opened}
            )
            made = self.clock.now().astimezone(ZONE)
            parts.append(
                f'<FlexStatement accountId="{account}" fromDate="{first:%Y%m%d}" toDate="{last:%Y%m%d}" period="" '
                f'whenGenerated="{made:%Y%m%d;%H%M%S}">\n{about}\n<Trades>\n'
                + "\n".join(rows)
                + "\n</Trades>\n</FlexStatement>"
            )
        return (
            f'<FlexQueryResponse queryName="Journal" type="AF">\n<FlexStatements count="{len(parts)}">\n'
            + "\n".join(parts)
            + "\n</FlexStatements>\n</FlexQueryResponse>\n"
        )

    # -- the service

    def respond(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused:
            return failure(refused)
        is_sending = request.path == SEND
        script = self.on_send if is_sending else self.on_get
        if script:
            return self._scripted(script.popleft(), request)
        return self._send_request(request) if is_sending else self._get_statement(request)

    def _refused(self, request: Request) -> str:
        if not request.headers.get("user-agent") or request.params.get("v") != "3":
            return "1020"
        if self.locked_until is not None and self.clock.now() < self.locked_until:
            return "1025"
        if not self._keeps_limits():
            return "1018"
        return "" if request.params.get("t") == TOKEN else "1015"

    def _scripted(self, scripted: Scripted, request: Request) -> Response:
        if isinstance(scripted, Response):
            return scripted
        if isinstance(scripted, str):
            if scripted == "1025":
                self.locked_until = self.clock.now() + timedelta(hours=24)
            return failure(scripted, "Warn" if scripted == "1019" else "Fail")
        return scripted(request)

    def _keeps_limits(self) -> bool:
        now = self.clock.now()
        if not self.enforces_limits:
            return True
        last_second = [at for at in self._served if now - at < timedelta(seconds=1)]
        last_minute = [at for at in self._served if now - at < timedelta(minutes=1)]
        self._served.append(now)
        return not last_second and len(last_minute) < 10

    def _send_request(self, request: Request) -> Response:
        if request.params.get("q") not in self.queries:
            return failure("1014")
        period = self.own_period
        if "fd" in request.params:
            first, last = (_day(request.params[name]) for name in ("fd", "td"))
            if last < first or (last - first).days > 364:
                return failure("1003")
            period = (first, last)
        code = str(next(self._codes))
        self._asked[code] = period
        return xml(
            '<FlexStatementResponse timestamp="01 July, 2026 10:00 AM EDT">\n<Status>Success</Status>\n'
            f"<ReferenceCode>{code}</ReferenceCode>\n{self.receipt_url}\n</FlexStatementResponse>"
        )

    def _get_statement(self, request: Request) -> Response:
        """Generated once, the first time that it is fetched."""
        code = request.params.get("q", "")
        if code not in self._asked:
            return failure("1017")
        if code not in self._made:
            self._made[code] = self.statement(*self._asked[code])
        return xml(self._made[code])

    # -- for tests

    def script(self, *, send: Iterable[Scripted] = (), get: Iterable[Scripted] = ()) -> None:
        self.on_send.extend(send)
        self.on_get.extend(get)

    def forget_statements(self) -> None:
        self._asked.clear()

    def periods(self) -> list[tuple[str, str]]:
        """From when until when was asked for, by every SendRequest."""
        return [(one.params.get("fd", ""), one.params.get("td", "")) for one in self.asked(SEND)]

    def references(self) -> list[str]:
        return [one.params["q"] for one in self.asked(GET)]


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").date()
