"""Guards that begin with the rule of a firm, or of the field, as it stood on a day; from then on like any other."""

from __future__ import annotations

from datetime import datetime

from accounts.models import Membership
from common.errors import NotFound
from journal.domain.values import TradingDay
from journal.models import BrokerAccount
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.machine import Settings
from reconciliation.domain.guards.presets import PRESETS, Preset
from reconciliation.models import Guard
from reconciliation.services.guards.changing import create_guard


def version_of_preset(preset: Preset, *, closes: bool = False) -> Version:
    """As a firm or the field has it; whether it closes is a person's to choose, and off."""
    begins = preset.resets_at
    day = TradingDay(preset.zone, begins.hour * 60 + begins.minute)
    return Version(preset.limit, Settings(), preset.scope, closes, True, day)


def create_from_preset(
    membership: Membership,
    account: BrokerAccount | None,
    slug: str,
    at: datetime,
    *,
    version: Version | None = None,
    name: str = "",
) -> Guard:
    """`version` where somebody has edited it before. The first version says of which day the rule is. Raises NotFound
    for a rule that nobody knows."""
    preset = PRESETS.get(slug)
    if preset is None:
        raise NotFound("preset_not_found", f"There is no rule called “{slug[:32]}”.")
    plain = version_of_preset(preset)
    edited = "" if version is None or version.limit == plain.limit else ", edited"
    reason = f"{preset.name}, as it stood on {preset.as_of:%Y-%m-%d}{edited}."
    return create_guard(
        membership, account, version or plain, at, name=name or preset.name, preset=slug, reason=reason
    )  # fmt: skip
