"""What the service keeps in the database: the records, how far they are complete, and how it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django_scopes import scope

from journal.brokers.fetching import Verdict
from journal.models import Connection
from journal.services.tws.connecting import Halted, read_wanted, tell_trouble, tell_well
from journal.services.tws.coverage import day_began, hold, hold_no_longer
from journal.services.tws.inbox import Event
from journal.services.tws.listener import Listener
from journal.services.tws.writing import Refused, Writer


class Keeper:
    """Of one connection. Everything but `begin` talks to the database, and from one thread only."""

    def __init__(self, workspace_id: int, connection_id: int, *, source: str) -> None:
        self._workspace_id = workspace_id
        self._connection_id = connection_id
        self._writer = Writer(workspace_id, connection_id, source=source)
        self._accounts: list[str] = []
        # Since when TWS has pushed without interruption, as far as is known; None at the start of a session.
        self._since: datetime | None = None

    @property
    def waiting(self) -> int:
        return self._writer.waiting

    def begin(self, accounts: Sequence[str]) -> None:
        """A session of these accounts."""
        self._accounts = list(accounts)
        self._writer.refused.clear()
        self._writer.know_accounts(accounts)
        self.interrupted()

    def interrupted(self) -> None:
        """Something may have been missed: what TWS tells when asked is all that is known for sure."""
        self._since = None

    def check(self) -> None:
        """Raises Halted where nobody wants the service."""
        with scope(workspace=self._workspace_id):
            read_wanted(self._connection_id)

    def read(self, events: Sequence[Event]) -> None:
        self._writer.read(events)

    def store(self) -> int:
        return self._writer.store()

    def link(self) -> int:
        return self._writer.link()

    def tell(self, listener: Listener, asked_at: datetime | None) -> None:
        """How the session is. `asked_at`: all fills that TWS knew then are stored."""
        with scope(workspace=self._workspace_id):
            connection = read_wanted(self._connection_id)
            if listener.is_cut_off:
                self._trouble(
                    "broker_unreachable",
                    "TWS runs and has lost its own connection to Interactive Brokers. It reconnects by itself.",
                )
                return
            if listener.unread_words:
                self._trouble("unread", listener.unread_words, Verdict.PERSON)
                return
            if asked_at is not None:
                self._hold(connection, listener, asked_at)
            if refused := list(self._writer.refused.values()):
                hold_no_longer(connection, min(one.executed_at for one in refused))
                self._trouble("fill_refused", _refused_sentence(refused), Verdict.PERSON)
            else:
                tell_well(self._connection_id)

    def tell_gone(self, words: str, code: str = "not_connected") -> None:
        with scope(workspace=self._workspace_id):
            try:
                read_wanted(self._connection_id)
            except Halted:
                return
            tell_trouble(self._connection_id, Verdict.LATER, code, words)

    def _hold(self, connection: Connection, listener: Listener, until: datetime) -> None:
        wanted = connection.account_numbers or self._accounts
        numbers = [one for one in self._accounts if one in wanted]
        since = self._complete_since(connection.zone, listener, until)
        hold(connection, numbers, since, until, _note(listener))

    def _complete_since(self, zone: str, listener: Listener, asked_at: datetime) -> datetime:
        """TWS tells the fills of its day; and has told those before it while it pushed."""
        began = day_began(asked_at, zone)
        if self._since is None or not listener.is_pushed_to:
            self._since = began
        return self._since

    def _trouble(self, code: str, words: str, verdict: Verdict = Verdict.LATER) -> None:
        tell_trouble(self._connection_id, verdict, code, words)


def _note(listener: Listener) -> str:
    if not listener.may_see_orders:
        return "TWS is in read-only mode: fills only, no orders"
    if not listener.is_pushed_to:
        return "Fills come up to a minute late: make the service's client id the master in TWS"
    return "Live"


def _refused_sentence(refused: Sequence[Refused]) -> str:
    first = min(refused, key=lambda one: one.executed_at)
    others = f" and {len(refused) - 1} others" if len(refused) > 1 else ""
    name = f"The fill {first.exec_id}" if first.exec_id else "A fill"
    return (
        f"{name} of {first.executed_at:%d %b %Y %H:%M} UTC{others} cannot be booked: {first.why} A Flex "
        "statement brings what is missing here."
    )
