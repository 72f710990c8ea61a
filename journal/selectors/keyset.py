"""Pages of a list by key: page 10,000 costs what page 1 does. No OFFSET, no COUNT.

A cursor holds the sort values of the row at the edge of a page. What comes after it is read in steps, each of which
is one range of an index: equal in the leading keys and beyond in the next, until the page is full.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from common.errors import Rejected

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Key:
    """Rows without a value come last, whichever way the others go."""

    field: str
    descending: bool = False
    nullable: bool = False

    @property
    def flipped(self) -> Key:
        return replace(self, descending=not self.descending)

    @property
    def order(self) -> str:
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`previous` and `next` are cursors; None where there is nothing."""

    rows: list[Row]
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class _Edge:
    values: tuple[Any, ...]
    backwards: bool


def read_page(
    streams: Sequence[QuerySet[Row]], keys: Sequence[Key], *, limit: int, cursor: str = ""
) -> Page[Row]:
    """One page of the disjoint streams, merged. `keys` end in one that no two rows share.

    Raises Rejected for a cursor that is none.
    """
    edge = _decode(streams[0].model, keys, cursor) if cursor else None
    back = edge is not None and edge.backwards
    order = [key.flipped for key in keys] if back else list(keys)
    rows = [row for stream in streams for row in _read(stream, order, edge, limit + 1)]
    if len(streams) > 1:
        _sort(rows, order, nulls_last=not back)
    has_more = len(rows) > limit
    rows = rows[:limit]
    if back:
        rows.reverse()
    before, after = (has_more, True) if back else (edge is not None, has_more)
    return Page(
        rows=rows,
        previous=_encode(rows[0], keys, backwards=True) if before and rows else None,
        next=_encode(rows[-1], keys, backwards=False) if after and rows else None,
    )


def _read(stream: QuerySet[Row], order: Sequence[Key], edge: _Edge | None, limit: int) -> list[Row]:
    rows: list[Row] = []
    ordered = stream.order_by(*(key.order for key in order))
    for step in _steps(order, edge):
        rows += ordered.filter(step)[: limit - len(rows)]
        if len(rows) == limit:
            break
    return rows


def _steps(order: Sequence[Key], edge: _Edge | None) -> Iterator[Q]:
    if edge is None:
        first = order[0]
        yield Q(**{f"{first.field}__isnull": False}) if first.nullable else Q()
        if first.nullable:
            yield Q(**{f"{first.field}__isnull": True})
        return
    for depth in reversed(range(len(order))):
        same = Q()
        for key, value in zip(order[:depth], edge.values[:depth], strict=True):
            same &= (
                Q(**{f"{key.field}__isnull": True}) if value is None else Q(**{key.field: value})
            )
        for beyond in _beyond(order[depth], edge.values[depth], backwards=edge.backwards):
            yield same & beyond


def _beyond(key: Key, value: Any, *, backwards: bool) -> Iterator[Q]:
    if value is not None:
        yield Q(**{f"{key.field}__{'lt' if key.descending else 'gt'}": value})
    if key.nullable and backwards == (value is None):
        yield Q(**{f"{key.field}__isnull": not backwards})


def _sort(rows: list[Row], order: Sequence[Key], *, nulls_last: bool) -> None:
    for key in reversed(order):
        high = nulls_last != key.descending

        def rank(row: Row, field: str = key.field, high: bool = high) -> tuple[bool, Any]:
            value = getattr(row, field)
            return ((value is None) is high, value)

        rows.sort(key=rank, reverse=key.descending)


def _encode(row: Model, keys: Sequence[Key], *, backwards: bool) -> str:
    values = [getattr(row, key.field) for key in keys]
    texts = [None if value is None else str(value) for value in values]
    text = json.dumps(["<" if backwards else ">", *texts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(model: type[Model], keys: Sequence[Key], cursor: str) -> _Edge:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        sign, *texts = json.loads(base64.urlsafe_b64decode(padded))
        fields = [model._meta.get_field(key.field) for key in keys]
        values = tuple(
            None if text is None else field.to_python(text)  # type: ignore[union-attr]
            for field, text in zip(fields, texts, strict=True)
        )
        allowed = all(
            value is not None or key.nullable for key, value in zip(keys, values, strict=True)
        )
    except (ValueError, TypeError, ArithmeticError, ValidationError) as error:
        raise _not_a_page() from error
    if sign not in ("<", ">") or not allowed:
        raise _not_a_page()
    return _Edge(values, backwards=sign == "<")


def _not_a_page() -> Rejected:
    return Rejected(
        "cursor_invalid", "The address of this page of the list is not whole. Start at its first."
    )
