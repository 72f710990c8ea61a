"""What programs can be told of. Names and what `data` holds are a promise (docs/webhooks.md); only more may come."""

from __future__ import annotations

from collections.abc import Mapping

# Of the form of the payload as a whole.
VERSION = "1"
TEST = "test"
EVENTS: Mapping[str, str] = {
    "divergence.opened": "A difference between book and broker was found",
    "divergence.resolved": "A difference is over: resolved, accepted, void or gone by itself",
    "guard.warned": "A guard warns: a part of its allowance is gone",
    "guard.cleared": "A guard that had warned does not warn any more",
    "guard.suspect": "A guard saw a breach that it does not believe yet",
    "guard.silent": "A guard hears nothing of an account that it can believe",
    "guard.silent_long": "A guard still hears nothing: what it guards is unknown",
    "guard.heard_again": "A guard hears of its account again",
    "guard.conduct": "A guard asks for a pause",
    "guard.change_asked": "A guard is to protect less, and waits for somebody or its time",
    "guard.fired": "A guard fired",
    "guard.flat": "What a guard closed is verified flat",
    "guard.partial": "What a guard closed is closed in part only",
    "guard.failed": "Whether a guard has closed all is unknown: a person has to look",
    "lock.began": "New trades are locked",
    "lock.lifted": "New trades are allowed again",
    "closing.queued": "Closing waits until the market opens",
    "closing.flat": "Positions that were to be closed are verified flat",
    "closing.escalated": "Closing a position needs a person",
    "target.reached": "An open trade has reached a share of its maximum profit",
    "expiry.near": "An option or a future that is held expires soon",
    "trade.closed": "A trade was closed in the book",
    "recommendation.created": "A recommendation came",
    TEST: "Somebody pressed “Test”",
}
