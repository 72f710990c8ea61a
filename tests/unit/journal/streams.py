"""Random streams of fills, for properties."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from journal.domain.values import Fill, Side
from tests.unit.journal.scenarios import at

SIDES = st.sampled_from(Side)
QUANTITIES = st.integers(1, 9).map(Decimal)
PRICES = st.decimals("-5", "200", places=2)
FEES = st.decimals("-0.50", "3", places=3)


@st.composite
def fill_streams(draw, max_size: int = 25, prices=PRICES) -> list[Fill]:
    size = draw(st.integers(0, max_size))
    return [
        Fill(
            id=number,
            instrument_id=1,
            executed_at=at(draw(st.integers(0, 10))),
            sequence=draw(st.integers(0, 1)),
            side=draw(SIDES),
            quantity=draw(QUANTITIES),
            price=draw(prices),
            fee=draw(FEES),
        )
        for number in range(1, size + 1)
    ]


def in_time(stream: list[Fill]) -> list[Fill]:
    return sorted(stream, key=lambda fill: (fill.executed_at, fill.sequence, fill.id))


def flattened(stream: list[Fill]) -> list[Fill]:
    """The stream with one more fill that closes what is left."""
    left = sum((fill.signed_quantity for fill in stream), Decimal(0))
    if not left:
        return stream
    last = Fill(
        id=len(stream) + 1,
        instrument_id=1,
        executed_at=at(99),
        sequence=0,
        side=Side.SELL if left > 0 else Side.BUY,
        quantity=abs(left),
        price=Decimal(50),
    )
    return [*stream, last]
