"""What each field of a guard means, beside it on its form."""

from __future__ import annotations

FIELDS_HELP: dict[str, str] = {
    "reason": "Needed where it protects less than before: who is to agree wants to know.",
    "measured": "Equity holds what is open at its present worth; balance does not.",
    "reference": (
        "“The highest ever seen” makes it a drawdown from the peak; “what the day began with” a daily "
        "loss."
    ),
    "measure": "Per cent of the peak grow with the account; money does not.",
    "amount": "In per cent (5 for 5%) or money, as chosen before.",
    "marked_by": (
        "Of what the beginning, the day’s start or the peak are taken; some firms take balance there and "
        "measure equity."
    ),
    "flow_rule": "So that money paid in or out neither hides a loss nor makes one.",
    "locks_at": (
        "So much money above what the account began with; 0 is the beginning itself. Empty: it follows "
        "for ever."
    ),
    "initial_worth": "Where that was before anybody looked. Empty: what the first reading says.",
    "closes": (
        "Each is closed, reduce-only, and seen flat twice; what cannot be is handed to a person within a "
        "minute. Without: new trades are blocked, and people told."
    ),
    "scope": "Arming it again takes a second person, or time to cool off.",
    "tiers": "Rising, with commas: 40, 70, 90. Each is told once, until it is left again.",
    "confirmations": "A single bad price fires nothing.",
    "confirm_for": "All of them below the floor for so long.",
    "hard": "1.5: so far beyond the limit nothing is waited for.",
    "silence": "And louder after three times as long.",
    "blindness": "To close without seeing is a decision about the market: choose it with care.",
    "zone": "Of the rule, not of the account: FTMO’s day is Prague’s.",
    "resets_at": "From then on a daily loss counts anew.",
    "number": "For markets that bring too little: how many trades are enough to judge one.",
    "within_hours": "It looks back so far. Trades a day and positions at once need none.",
    "pause_hours": "From the trade on that made it too many.",
    "by_symbol": "Then only that market is locked.",
    "at_least": "Only for markets that bring too little: net, in the account’s currency.",
    "age_seconds": "An older one neither breaches a limit nor clears one.",
    "gap": "Of what the market usually moves between two readings.",
    "spread": "Of the median spread.",
    "size": "At the best prices. Empty: it is not looked at.",
    "blocks": "In the market that is in trouble. Without: people are told.",
}
