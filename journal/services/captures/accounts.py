"""Whose a captured record is."""

from __future__ import annotations

import re
import time
from typing import Any, NamedTuple

from accounts.models import Workspace
from common.sql import fetch
from journal.brokers.capture.fields import BadRecord
from journal.brokers.registry import zone_of_broker
from journal.models import BrokerAccount

_ACCOUNTS = (
    "SELECT id, broker, broker_id, base_currency, erasure_asked_at IS NOT NULL FROM journal_brokeraccount "
    "WHERE workspace_id = %s"
)
_REMEMBERED_SECONDS = 2.0
_WORKSPACES_MAX = 1_000
_BROKER = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)


class Addressed(NamedTuple):
    id: int
    broker: str
    number: str
    base_currency: str
    is_going: bool


class _Accounts:
    """The accounts of workspaces, remembered for a moment: for a bot that reports a hundred fills a second they need
    not be read a hundred times. Who is not among them is looked for anew."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, list[Addressed]]] = {}

    def of(self, workspace_id: int) -> list[Addressed]:
        until, found = self._known.get(workspace_id, (0.0, []))
        return found if time.monotonic() < until else self.anew(workspace_id)

    def anew(self, workspace_id: int) -> list[Addressed]:
        found = [Addressed(*row) for row in fetch(_ACCOUNTS, [workspace_id])]
        if len(self._known) > _WORKSPACES_MAX:
            self._known.clear()
        self._known[workspace_id] = (time.monotonic() + _REMEMBERED_SECONDS, found)
        return found


_accounts = _Accounts()


class Addresses:
    """The accounts of one workspace. `bound_id`: the only one that the sender may speak of."""

    def __init__(self, workspace_id: int, bound_id: int | None) -> None:
        self._workspace_id = workspace_id
        self._bound_id = bound_id
        self._all = _accounts.of(workspace_id)
        self._found: dict[tuple[str, str], Addressed | None] = {}

    def of(self, record: dict[str, Any], *, is_needed: bool) -> Addressed | None:
        """Raises BadRecord where it says none that may be meant."""
        number, broker = record.get("account"), record.get("broker")
        if type(number) is int:
            number = str(number)
        said = ("" if number is None else number, "" if broker is None else broker)
        if not all(isinstance(one, str) for one in said):
            raise BadRecord({"account": "must be text: the account's number."})
        named = (said[0].strip(), said[1].strip())
        known = self._found.get(named)
        if known is None:
            known = self._found[named] = self._find(*named, is_needed=is_needed)
        return known

    def _fitting(self, number: str, broker: str) -> list[Addressed]:
        return [
            one
            for one in self._all
            if (self._bound_id is None or one.id == self._bound_id)
            and (not number or one.number == number)
            and (not broker or one.broker == broker)
        ]

    def _find(self, number: str, broker: str, *, is_needed: bool) -> Addressed | None:
        if not number and not is_needed and self._bound_id is None:
            return None
        fitting = self._fitting(number, broker)
        if len(fitting) != 1:
            self._all = _accounts.anew(self._workspace_id)
            fitting = self._fitting(number, broker)
        if not fitting and number and broker and self._bound_id is None:
            fitting = [self._make(number, broker)]
        if len(fitting) == 1:
            if fitting[0].is_going:
                raise BadRecord(
                    {"account": f"{fitting[0].number} is being erased."}, "account_being_erased"
                )
            return fitting[0]
        raise self._refusal(number, fitting)

    def _refusal(self, number: str, fitting: list[Addressed]) -> BadRecord:
        if fitting and number:
            brokers = ", ".join(sorted(one.broker for one in fitting))
            return BadRecord(
                {"broker": f"is missing: {number} is an account at {brokers}."}, "account_ambiguous"
            )
        if not number:
            words = (
                "is missing: say the number of the account, or use a token that is bound to one."
            )
            return BadRecord({"account": words}, "account_needed")
        if self._bound_id is not None:
            return BadRecord(
                {"account": f"{number} is not the one this token may report of."}, "token_bound"
            )
        words = f"{number} is not known here. Say its broker too, and it is made; or make it under Accounts."
        return BadRecord({"account": words}, "account_not_found")

    def _make(self, number: str, broker: str) -> Addressed:
        if not _BROKER.fullmatch(broker):
            words = "must be a short name in small letters, such as ibkr or bybit."
            raise BadRecord({"broker": words})
        if len(number) > 64 or not number.isprintable():
            raise BadRecord({"account": "must be printable text of at most 64 characters."})
        account, _ = BrokerAccount.objects.get_or_create(
            workspace_id=self._workspace_id,
            broker=broker,
            broker_id=number,
            # Until a statement says which it is.
            defaults={
                "zone": zone_of_broker(broker),
                "base_currency": Workspace.objects.get(pk=self._workspace_id).base_currency,
            },
        )
        made = Addressed(account.pk, broker, number, account.base_currency, is_going=False)
        self._all = _accounts.anew(self._workspace_id)
        return made
