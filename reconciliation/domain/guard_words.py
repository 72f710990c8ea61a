"""Guards in the trader's words: what each of their settings means, and what its values are called."""

from __future__ import annotations

# Of a change that waits: what protects less than before.
LOOSENS: dict[str, str] = {
    "is_armed": "it is switched off",
    "rearm": "it watches again after it fired",
    "limit": "more may be lost, or it is measured otherwise",
    "day": "its day begins at another time",
    "initial": "it counts from another beginning",
    "scope": "it locks for a day only",
    "closes": "it closes nothing any more",
    "tiers": "it warns later",
    "confirmations": "it waits for more readings",
    "confirm_for": "it confirms longer",
    "hard": "its hard level is further away",
    "silence": "it bears silence longer",
    "doubt_for": "it doubts longer",
    "blindness": "it does less when nothing is heard",
    "kind": "it becomes another kind of guard",
    "watch": "it watches another thing",
    "number": "more are allowed",
    "within": "it looks back less far",
    "pause": "it pauses for a shorter time",
    "by_symbol": "it counts in each market by itself",
    "at_least": "it is content with less",
    "blocks": "it blocks nothing any more",
    "age": "it trusts older prices",
    "gap": "it bears larger jumps",
    "spread": "it bears wider spreads",
    "size": "it bears thinner markets",
}

STATES: dict[str, tuple[str, str]] = {
    "disarmed": ("Off", "It looks at nothing."),
    "armed": ("Armed", "All is well: less is used than the first warning asks for."),
    "warned": ("Warned", "A warning level is reached; people were told."),
    "confirming": ("Confirming a breach", "The limit is broken; it fires when the next readings say so too."),
    "suspect": ("In doubt", "Equity jumped and nothing explains it: this is neither a breach nor an all-clear."),
    "stale": ("Not hearing", "The broker is not heard: nothing is known, and nothing is taken for well."),
    "fired": ("Fired, closing", "It fired, and the positions are being closed."),
    "flat_confirmed": ("Verified flat", "It fired; all is closed, and seen flat twice."),
    "partial": ("Closed in part", "It fired; not all could be closed. A person goes on."),
    "failed": ("Outcome unknown", "It fired; nobody knows what became of the close. A person has to look now."),
    "locked": ("Locked", "It fired. Nothing new is traded until somebody arms it again."),
}  # fmt: skip

STATE_TONES: dict[str, str] = {
    "armed": "badge--profit",
    "warned": "badge--warning",
    "confirming": "badge--error",
    "suspect": "badge--warning",
    "stale": "badge--warning",
    "fired": "badge--error",
    "flat_confirmed": "badge--accent",
    "partial": "badge--error",
    "failed": "badge--error",
    "locked": "badge--error",
}

STEPS: dict[str, str] = {
    "warn": "warned",
    "clear": "back below a warning level",
    "suspect": "doubted",
    "fire": "fired",
    "silent": "silence told",
    "silent_long": "silence told louder",
    "block": "new trades blocked",
    "unblock": "new trades allowed again",
    "heard_again": "heard again",
}

BASES: dict[str, str] = {
    "equity": "equity, with what is open at its present worth",
    "balance": "balance, without what is open",
    "lower": "the lower of equity and balance",
    "higher": "the higher of equity and balance",
}
REFERENCES: dict[str, str] = {
    "initial": "what the account began with",
    "day_start": "what the day began with",
    "day_end_high": "the highest end of any day",
    "high": "the highest ever seen",
}
MEASURES: dict[str, str] = {
    "money": "money",
    "of_initial": "per cent of what it began with",
    "of_reference": "per cent of where it is counted from",
}
FLOWS: dict[str, str] = {
    "proportional": "move it in proportion: per cent stay per cent",
    "additive": "move it by their amount: money stays money",
    "none": "change nothing, as some firms have it",
}
SCOPES: dict[str, str] = {
    "day": "the rest of its day",
    "until_armed": "until somebody arms it again",
}
BLINDNESS: dict[str, str] = {
    "alert_only": "tell people, and do nothing else",
    "block_new": "block new trades",
    "flatten": "close all positions, without seeing them",
}
WATCHES: dict[str, str] = {
    "losses": "losses in a row",
    "stops": "trades that were stopped out",
    "cooldown": "every closed trade: a pause after it",
    "trades": "trades in one day",
    "positions": "positions at once",
    "low_profit": "markets that bring too little",
}
ACTIONS: dict[str, str] = {
    "read": "Read the position",
    "cancel": "Cancel orders at work",
    "send": "Send an order to close",
    "find": "Look for the order",
    "wait": "Wait",
    "queue": "Wait until the market opens",
    "sent": "Sent",
    "end": "Over",
    "nothing": "Over",
}
PHASES: dict[str, tuple[str, str]] = {
    "reading": ("Reading", "badge--accent"),
    "cancelling": ("Cancelling orders", "badge--accent"),
    "sending": ("Sending", "badge--accent"),
    "verifying": ("Verifying", "badge--accent"),
    "closed": ("Verified flat", "badge--profit"),
    "escalated": ("A person has to go on", "badge--error"),
}
WHYS: dict[str, str] = {
    "time": "it could not be made sure in time that it is closed",
    "attempts": "no order that was sent closed it",
    "turned": "the position turned round, so nothing more is sent",
    "grew": "the position grew while it was being closed: somebody or something else trades it",
    "refused": "the broker takes no such order",
}


def loosened_words(names: list[str]) -> str:
    return ", ".join(LOOSENS.get(name, name.replace("_", " ")) for name in names)
