"""The reader of documents of the paper broker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO

from journal.brokers.base import (
    CashBalanceRow,
    CashKind,
    CashRow,
    ExecutionRow,
    OrderRole,
    OrderRow,
    OrderStatus,
    ParseOptions,
    ProblemRow,
    Record,
    ReportKind,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.paper.document import MARK, share
from journal.brokers.text.json_file import load_json
from journal.domain.values import ZERO, ExecutionKind, PositionEffect, Severity, Side

AUTHORITY = 40
_REMEDY = "Pull the paper account again."
_HEAD = 400


class PaperReader:
    slug = "paper"
    broker = "paper"
    label = "Paper account (JSON)"
    default_zone = "UTC"

    def recognises(self, head: bytes, name: str) -> bool:
        return head.lstrip()[:1] == b"{" and f'"{MARK}"'.encode() in head[:_HEAD]

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        """Raises UnreadableStatement."""
        said = load_json(stream, _REMEDY)
        if not isinstance(said, dict) or said.get(MARK) != "1" or not said.get("account"):
            raise UnreadableStatement(
                "not_paper",
                f"The file is no document of the paper broker. Nothing was imported. {_REMEDY}",
            )
        account, currency = str(said["account"]), str(said.get("currency", ""))
        since, until = _moment(said, "since"), _moment(said, "until")
        yield StatementInfo(
            row=1, account_id=account, base_currency=currency, account_alias="", from_on=since.date(),
            to_on=until.date(), generated_at=until, zone="UTC", raw={},
        )  # fmt: skip
        row = 1
        if isinstance(day := said.get("closed_day"), dict) and day:
            row += 1
            yield _balance(_raw(day), row, account, currency)
        for name, read in (("cash", _cash), ("orders", _order), ("fills", _fill)):
            for one in said.get(name) or ():
                row += 1
                raw = _raw(one)
                try:
                    yield read(raw, row, account, currency)
                except (KeyError, ValueError, InvalidOperation):
                    yield _left_out(row, account, name, raw)


def _raw(one: object) -> dict[str, str]:
    found: Mapping[str, Any] = one if isinstance(one, dict) else {}
    return {str(name): str(value) for name, value in found.items() if value not in (None, "")}


def _balance(raw: dict[str, str], row: int, account: str, currency: str) -> Record:
    try:
        return CashBalanceRow(
            row=row, account_id=account, raw=raw, currency=currency, is_base=False, ending_cash=_number(raw["cash"]),
            ending_settled_cash=None, reported_on=date.fromisoformat(raw["on"]),
        )  # fmt: skip
    except (KeyError, ValueError, InvalidOperation):
        return _left_out(row, account, "closed_day", raw)


def _left_out(row: int, account: str, name: str, raw: dict[str, str]) -> ProblemRow:
    return ProblemRow(
        row, account, Severity.ERROR, "bad_paper_row",
        f"Row {row} ({name}) was left out: it lacks something, or holds what is no number or no time. {_REMEDY}",
        raw,
    )  # fmt: skip


def _cash(raw: dict[str, str], row: int, account: str, currency: str) -> Record:
    amount = _number(raw["amount"])
    return CashRow(
        row=row, account_id=account, raw=raw, broker_id=raw["id"],
        kind=CashKind.DEPOSIT if amount > 0 else CashKind.WITHDRAWAL, amount=amount, currency=currency, fx_rate=None,
        occurred_at=_moment(raw, "at"), reported_on=None, description=raw.get("text", ""), instrument=None, trade_id="",
        is_reversal=False,
    )  # fmt: skip


def _order(raw: dict[str, str], row: int, account: str, currency: str) -> Record:
    status = OrderStatus(raw["status"])
    return OrderRow(
        row=row, account_id=account, raw=raw, instrument=share(raw["symbol"], currency),
        client_order_id=raw["client_order"][:64], order_id=raw["id"], parent_id="", group_id="", role=_role(raw),
        side=Side(raw["side"]), order_type=raw["type"], time_in_force="gtc", quantity=_some(raw, "quantity") or None,
        limit_price=_some(raw, "limit_price"), stop_price=_some(raw, "stop_price"), status=status,
        filled_quantity=_some(raw, "filled"), average_price=_some(raw, "average_price"), fee=None, fee_currency="",
        reason=raw.get("reason", ""), position_id="", plan_id="", recommendation_id="", strategy="",
        happened_at=_moment(raw, "at"),
    )  # fmt: skip


def _role(raw: Mapping[str, str]) -> OrderRole | None:
    if raw.get("reduces") != "True":
        return None
    return OrderRole.STOP_LOSS if raw["type"].startswith("stop") else OrderRole.EXIT


def _fill(raw: dict[str, str], row: int, account: str, currency: str) -> Record:
    quantity = _number(raw["quantity"])
    if quantity <= 0:
        raise ValueError(quantity)
    return ExecutionRow(
        row=row, account_id=account, raw=raw, instrument=share(raw["symbol"], currency), report=ReportKind.FILL,
        kind=ExecutionKind.TRADE, broker_id=raw["id"], exec_id=raw["id"], trade_id="", order_id=raw["order"],
        order_reference=raw["client_order"][:64], original_ids=(), side=Side(raw["side"]), quantity=quantity,
        price=_number(raw["price"]), executed_at=_moment(raw, "at"), zone="UTC", reported_on=None, settled_on=None,
        fee=_number(raw["fee"]), tax=ZERO, fee_currency=currency, fx_rate=None, effect=PositionEffect.UNKNOWN,
        proceeds=None, net_cash=None, stated_cost=None, stated_pnl=None, order_type="", ordered_at=None, exchange="",
        notes=(), authority=AUTHORITY,
    )  # fmt: skip


def _some(raw: Mapping[str, str], name: str) -> Decimal | None:
    return _number(raw[name]) if name in raw else None


def _number(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


def _moment(raw: Mapping[str, Any], name: str) -> datetime:
    """Raises UnreadableStatement for the document's own times, ValueError for a row's."""
    found = datetime.fromisoformat(str(raw[name]))
    if found.tzinfo is None:
        raise ValueError(name)
    return found.astimezone(UTC)
