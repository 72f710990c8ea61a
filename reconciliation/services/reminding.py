"""Reminders of what is held: a profit target that is reached, an option or a future that expires soon.

Each once for a trade and share, and for a position and number of days. What is not known for certain is not told.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from journal.models import AlertChannel, AlertRules, WebhookEndpoint
from journal.services.alerts.telling import News, tell_all
from reconciliation.selectors.held import Expiring, Standing, read_expiring, read_standings
from reconciliation.services.telling import EXPIRY, TARGETS

TARGET_REACHED = "target.reached"
EXPIRY_NEAR = "expiry.near"


def list_wanting() -> set[int]:
    """Workspaces in which somebody, or some program, wants to be reminded."""
    people = AlertChannel.objects.filter(paused_at=None, topics__overlap=[TARGETS, EXPIRY])
    programs = WebhookEndpoint.objects.filter(
        removed_at=None, disabled_at=None, paused_at=None, wanted__overlap=[TARGET_REACHED, EXPIRY_NEAR]
    )  # fmt: skip
    return {
        workspace_id
        for rows in (people, programs)
        for workspace_id in rows.order_by().values_list("workspace_id", flat=True).distinct()
    }


def remind(workspace_id: int, now: datetime) -> list[News]:
    """What was told now."""
    rules = AlertRules.objects.filter(workspace=workspace_id).first() or AlertRules()
    news: list[News] = []
    if rules.target_share is not None:
        share = rules.target_share
        standings = read_standings(workspace_id, now)
        news += [
            _target(workspace_id, one, share)
            for one in standings
            if one.profit >= share * one.max_profit
        ]
    if rules.expiry_days:
        # A day more: it may be tomorrow already where the account is.
        until = now + timedelta(days=max(rules.expiry_days) + 1)
        for held in read_expiring(workspace_id, until):
            left = (held.expiry_on - now.astimezone(ZoneInfo(held.zone)).date()).days
            reached = [days for days in rules.expiry_days if left <= days]
            if left >= 0 and reached:
                news.append(_expiry(workspace_id, held, left, min(reached)))
    return tell_all(news)


def _target(workspace_id: int, standing: Standing, share: Decimal) -> News:
    trade = standing.trade
    part = standing.profit / standing.max_profit * 100
    return News(
        topic=TARGETS,
        workspace_id=workspace_id,
        account_id=trade.account_id,
        key=f"target:{trade.pk}:{share.normalize():f}",
        state="reached",
        subject=f"{trade.symbol} has reached {share * 100:.0f}% of its maximum profit",
        lines=[
            f"{standing.profit:,.2f} of {standing.max_profit:,.2f} {trade.currency} ({part:.0f}%), after fees",
            f"by prices of {standing.as_of:%Y-%m-%d %H:%M} UTC, in {trade.account}",
        ],
        url_path=f"/trades/{trade.pk}",
        event=TARGET_REACHED,
        data={
            "trade": trade.pk,
            "symbol": trade.symbol,
            "share": f"{share.normalize():f}",
            "profit": f"{standing.profit:f}",
            "max_profit": f"{standing.max_profit:f}",
            "currency": trade.currency,
            "as_of": standing.as_of.isoformat(),
        },
    )


def _expiry(workspace_id: int, held: Expiring, left: int, threshold: int) -> News:
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    return News(
        topic=EXPIRY,
        workspace_id=workspace_id,
        account_id=held.account_id,
        key=f"expiry:{held.account_id}:{held.instrument_id}:{held.trade_id}:{threshold}",
        state="near",
        subject=f"{held.symbol} expires {when}",
        lines=[f"{held.quantity.normalize():f} held in {held.account_name}, until {held.expiry_on:%Y-%m-%d}"],
        url_path=f"/trades/{held.trade_id}",
        event=EXPIRY_NEAR,
        data={
            "symbol": held.symbol,
            "expiry_on": held.expiry_on.isoformat(),
            "days_left": left,
            "signed_quantity": f"{held.quantity.normalize():f}",
            "trade": held.trade_id,
        },
    )  # fmt: skip
