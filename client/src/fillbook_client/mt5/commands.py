"""What the journal wants done: asked for every second or two, done once each, and told until the journal has heard it.

A command is written down before it is begun. So whatever ends the program, none is begun twice, and of one that was
begun and not ended the journal is told that nobody knows. One whose time is over is never begun; and nothing is done
that is not signed with the secret of the connection.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from fillbook_client.mt5.delivery import Journal, Reply
from fillbook_client.mt5.store import Store
from fillbook_client.mt5.terminal import Row, Unreadable

logger = logging.getLogger("fillbook.mt5")

PATH = "/api/mt5/commands"
KIND = "mt5 commands"
COMMANDS_SECONDS = 1.0
_LONGEST_PAUSE = 15.0
_ANSWERS_MAX = 50
UNKNOWN = {"outcome": "unknown", "reason": "The bridge was stopped while it sent the order."}

REFUSED = {"outcome": "not_sent", "reason": "It was looked for before it was begun."}


class Trading(Protocol):
    """What a trader does. Raises Unreadable where nothing was sent."""

    def close(self, body: Row) -> Row: ...

    def cancel(self, body: Row) -> Row: ...

    def find(self, body: Row) -> Row: ...


class Commands:
    """`trader` None: this bridge only looks. `pause`: how long the journal is to be left alone, 0 when all is well."""

    def __init__(
        self,
        store: Store,
        journal: Journal,
        connection: str,
        *,
        trader: Trading | None,
        look: Callable[[], bool],
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._journal = journal
        self._connection = connection
        self._trader = trader
        self._look = look
        self._now = now
        self._monotonic = monotonic
        self.pause = 0.0

    @property
    def may(self) -> list[str]:
        return ["read", "find", "cancel", "close"] if self._trader is not None else ["read"]

    def turn(self, login: int | None) -> None:
        """Ask, do, and tell. Raises sqlite3.Error."""
        asked_at = self._monotonic()
        answer = self._ask(login)
        if answer is None:
            return
        done = False
        for command in answer.get("commands", ()):
            done = self._obey(command, asked_at, login) or done
        if done:
            # Somebody waits for it.
            self._ask(login)

    def _ask(self, login: int | None) -> dict[str, Any] | None:
        nonce = secrets.token_hex(16)
        waiting = self._store.answers_to_tell(self._connection, _ANSWERS_MAX)
        body = {
            "kind": KIND,
            "connection": self._connection,
            "bridge": self._store.bridge,
            "nonce": nonce,
            "account": None if login is None else {"login": login},
            "may": self.may,
            "answers": [
                {"sequence": sequence, "answer": json.loads(answer)} for sequence, answer in waiting
            ],
        }
        reply = self._journal.send(json.dumps(body), "", path=PATH)
        if not self._is_ours(reply, nonce):
            self.pause = min(_LONGEST_PAUSE, max(COMMANDS_SECONDS, self.pause * 2))
            return None
        self.pause = 0.0
        told = {sequence for sequence, _ in waiting} & set(reply.answer.get("taken", ()))
        self._store.note_told(self._connection, told)
        return reply.answer

    def _is_ours(self, reply: Reply, nonce: str) -> bool:
        """From the journal, and to this very question."""
        if not 200 <= reply.status < 300:
            return False
        if not reply.is_signed or reply.answer.get("nonce") != nonce:
            logger.warning("Commands came that the journal has not signed; nothing is done.")
            return False
        return True

    def _obey(self, command: Row, asked_at: float, login: int | None) -> bool:
        sequence, kind = int(command["sequence"]), command["kind"]
        # Counted from the question on, its time is over no later than the journal thinks.
        if self._monotonic() - asked_at >= float(command["expires_in"]):
            return False
        if login is None or str(command["account"]) != str(login) or kind not in self.may:
            return False
        at = self._now().isoformat()
        if not self._store.begin_command(self._connection, sequence, at):
            self._store.answer_command(self._connection, sequence, json.dumps(UNKNOWN))
            return True
        answer = self._do(kind, command.get("body") or {})
        logger.info("Command %s (%s): %s", sequence, kind, answer)
        self._store.answer_command(self._connection, sequence, json.dumps(answer))
        return True

    def _refuse(self, sequence: int) -> bool:
        """What is looked for before it was begun never will be. False where it was begun."""
        if not self._store.begin_command(self._connection, sequence, self._now().isoformat()):
            return False
        self._store.answer_command(self._connection, sequence, json.dumps(REFUSED))
        return True

    def _do(self, kind: str, body: Row) -> Row:
        try:
            if kind == "read":
                return {"outcome": "looked"} if self._look() else {"outcome": "unread"}
            assert self._trader is not None
            if kind == "find":
                begun = not self._refuse(int(body["sequence"]))
                return {"begun": begun, **self._trader.find(body)}
            return self._trader.close(body) if kind == "close" else self._trader.cancel(body)
        except Unreadable as error:
            return {"outcome": "unread" if kind == "find" else "not_sent", "reason": str(error)}
        except (KeyError, TypeError, ValueError) as error:
            # A command of a later journal, or of none that we know.
            return {"outcome": "unknown" if kind == "close" else "unread", "reason": repr(error)}
