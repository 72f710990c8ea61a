"""Lists of words that the schema names."""

from __future__ import annotations

from common.choices import enum_choices
from reconciliation.domain.classes import Severity
from reconciliation.domain.guards.machine import State as GuardState
from reconciliation.domain.life import State

STATES = enum_choices(State)
# What somebody was told of.
TOLD_STATES = [(value, name) for value, name in STATES if value != State.SEEN]
SEVERITIES = enum_choices(Severity)
GUARD_STATES = enum_choices(GuardState)
