from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from learning.domain.seconds import day_of, moment_of, second_of, second_within

AT = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
LATER = AT + timedelta(milliseconds=1)


def test_a_moment_within_a_second_is_rounded_up_or_down() -> None:
    at = int(AT.timestamp())
    assert (second_of(AT), second_within(AT)) == (at, at)
    assert (second_of(LATER), second_within(LATER)) == (at + 1, at)


def test_a_second_is_a_moment_in_utc_or_where_somebody_is() -> None:
    tokyo = ZoneInfo("Asia/Tokyo")
    assert moment_of(second_of(AT)) == AT
    assert moment_of(second_of(AT)).utcoffset() == timedelta(0)
    assert moment_of(second_of(AT), tokyo).hour == 8
    assert (day_of(second_of(AT)), day_of(second_of(AT), tokyo)) == (
        date(2026, 3, 5),
        date(2026, 3, 6),
    )


def test_a_second_may_come_from_a_column() -> None:
    (second,) = np.array([second_of(AT)])
    assert (moment_of(second), day_of(second)) == (AT, AT.date())
