"""What an account was last seen to hold, where it cannot be read now."""

from __future__ import annotations

from reconciliation.models import Snapshot


def holdings_last_seen(account_id: int) -> list[str]:
    """In words, with when it was; nothing where it was never seen."""
    snapshot = Snapshot.objects.filter(account_id=account_id, lacking=[]).first()
    if snapshot is None:
        return []
    at = f"{snapshot.as_of:%Y-%m-%d %H:%M:%S} UTC"
    lines = []
    for one in snapshot.snapshotpositions.all():
        quantity = one.signed_quantity
        action, ticket = (
            "Sell" if quantity > 0 else "Buy",
            f" (ticket {one.ticket})" if one.ticket else "",
        )
        lines.append(
            f"{action} {abs(quantity).normalize():f} {one.symbol}{ticket}: {quantity.normalize():f} held at {at}; look "
            "first whether it still is."
        )
    return lines or [f"At {at} it held nothing."]
