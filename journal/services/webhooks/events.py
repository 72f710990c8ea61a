"""What programs can be told of. Names and what `data` holds are a promise (docs/webhooks.md); only more may come."""

from __future__ import annotations

from collections.abc import Mapping

# Of the form of the payload as a whole.
VERSION = "1"
TEST = "test"
EVENTS: Mapping[str, str] = {
    "divergence.opened": "A difference between book and broker was found",
    "divergence.resolved": "A difference is over: resolved, accepted, void or gone by itself",
    "feed.lost": "An account cannot be read at its broker",
    "feed.restored": "An account can be read at its broker again",
    "guard.warned": "A guard warns: a part of its allowance is gone",
    "guard.fired": "A guard fired",
    "guard.flat": "What a guard closed is verified flat",
    "guard.partial": "What a guard closed is closed in part only",
    "guard.failed": "Whether a guard has closed all is unknown: a person has to look",
    "lock.began": "New trades are locked",
    "lock.lifted": "New trades are allowed again",
    "closing.escalated": "Closing a position needs a person",
    "target.reached": "An open trade has reached a share of its maximum profit",
    "expiry.near": "An option or a future that is held expires soon",
    "trade.closed": "A trade was closed in the book",
    "recommendation.created": "A recommendation came",
    TEST: "Somebody pressed “Test”",
}
