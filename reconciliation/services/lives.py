"""What runs found, carried over into the lives of differences: told once, seen again, gone.

Whoever calls this holds the accounts (`hold_accounts`) in its transaction, so that two workers take turns; the
constraint of the table stands behind that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import connection

from journal.models import BrokerAccount
from reconciliation.domain.classes import DivergenceClass
from reconciliation.domain.findings import Finding
from reconciliation.domain.life import OVER, Life, State, miss, see
from reconciliation.domain.parts import is_fact
from reconciliation.domain.remedies import Difference, remedy_for
from reconciliation.models import Divergence, DivergenceStep, Resolution
from reconciliation.selectors.late_evidence import Brought, imports_that_cleared

# First key of the advisory locks of accounts that are being reconciled; journal's begin at 7001.
_ACCOUNT = 7_101
_NO_FIGURES = frozenset({"times", "closed_by"})
# How much of a position there is says nothing of where its stop and target are.
_ONLY = {DivergenceClass.SLTP_MODIFIED: frozenset({"stop_price", "target_price", "ticket"})}
# In the evidence of those that an import settled: undone, the same difference is a new one.
_BROUGHT_BY = "import:", "pull:"
_CHANGED = (
    "severity", "state", "instrument", "symbol", "expected", "actual", "evidence", "proposal", "seen", "unseen",
    "last_seen_at", "opened_at", "over_at", "resolution", "last_run",
)  # fmt: skip


@dataclass(slots=True)
class Found:
    """What one run saw of one account. `may_miss`: whether it looked for such a difference, so that not seeing it says
    something; nothing is missed where it did not."""

    account: BrokerAccount
    run_id: int | None
    findings: Sequence[Finding]
    may_miss: Callable[[Divergence], bool]


@dataclass(slots=True)
class Told:
    """What changed in one account; `found` counts what is different just now and not settled."""

    found: int = 0
    opened: list[Divergence] = field(default_factory=list)
    cleared: list[Divergence] = field(default_factory=list)


def hold_accounts(account_ids: Iterable[int]) -> None:
    """Until the transaction ends nobody else carries over what was found in them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, one.id) FROM (SELECT id FROM unnest(%s::int[]) AS id ORDER BY id) one",
            [_ACCOUNT, sorted(id_ % 2**31 for id_ in account_ids)],
        )


class Carried:
    """What comes of what runs found: `told` by account. Nothing is stored before `store`, as rows of it name the runs.
    A fixed number of statements, however many accounts there are."""

    def __init__(self, found: Sequence[Found], now: datetime) -> None:
        self.now = now
        self.told = {one.account.pk: Told() for one in found}
        ids = list(self.told)
        living = Divergence.objects.filter(account_id__in=ids).exclude(state__in=sorted(OVER))
        self._living: dict[int, dict[str, Divergence]] = defaultdict(dict)
        for divergence in living.select_for_update(of=("self",)).order_by("id"):
            self._living[divergence.account_id][divergence.fingerprint] = divergence
        self._settled = _settled(found)
        self._new: list[Divergence] = []
        self._changed: list[Divergence] = []
        self._forgotten: list[int] = []
        self._steps: list[tuple[Divergence, str, State, datetime]] = []
        self._imports: dict[int, Brought] = {}
        for one in found:
            self._take(one)
        self._explain()

    def _take(self, one: Found) -> None:
        findings: dict[str, Finding] = {}
        for finding in one.findings:
            findings.setdefault(finding.fingerprint(one.account.pk), finding)
        living = self._living[one.account.pk]
        for fingerprint, finding in findings.items():
            if fingerprint in living:
                self._see(one, living[fingerprint], finding)
            elif not self._is_settled(fingerprint, finding, one.account.pk):
                self._begin(one, fingerprint, finding)
        for fingerprint, divergence in living.items():
            if fingerprint not in findings and one.may_miss(divergence):
                self._miss(one, divergence)

    def _explain(self) -> None:
        """What went away because a statement or a pull brought what was missing did not go by itself."""
        cleared = [one for told in self.told.values() for one in told.cleared]
        self._imports = imports_that_cleared(cleared) if cleared else {}
        for one in cleared:
            if (brought := self._imports.get(one.pk)) is not None:
                one.state, one.resolution = State.RESOLVED, Resolution.IMPORTED
                one.evidence = [*one.evidence, f"{brought.what}:{brought.id}"]
        self._steps = [
            (one, before, State.RESOLVED if after is State.SELF_CLEARED and one.pk in self._imports else after, at)
            for one, before, after, at in self._steps
        ]  # fmt: skip

    def store(self) -> None:
        Divergence.objects.filter(pk__in=self._forgotten).delete()
        Divergence.objects.bulk_create(self._new)
        Divergence.objects.bulk_update(self._changed, _CHANGED, batch_size=500)
        DivergenceStep.objects.bulk_create(
            [
                DivergenceStep(
                    workspace_id=one.workspace_id, account_id=one.account_id, divergence=one, from_state=before,
                    to_state=after, actor="Reconciliation", created_at=at,
                    reason=_words_of(self._imports[one.pk]) if after is State.RESOLVED else "",
                    facts={"expected": one.expected, "actual": one.actual}
                    | ({self._imports[one.pk].what: self._imports[one.pk].id} if after is State.RESOLVED else {}),
                )
                for one, before, after, at in self._steps
            ]
        )  # fmt: skip

    def _is_settled(self, fingerprint: str, finding: Finding, account_id: int) -> bool:
        """Somebody decided on just this, or a rule did and it is a fact that does not change any more."""
        for state, expected, actual in self._settled.get((account_id, fingerprint), ()):
            sides = (finding.expected, finding.actual), (expected, actual)
            same = _is_same(*sides, only=_ONLY.get(finding.kind))
            if same and (state != State.RESOLVED or is_fact(finding.kind, finding.key)):
                return True
        return False

    def _begin(self, one: Found, fingerprint: str, finding: Finding) -> None:
        life = see(None, finding.kind, self.now)
        divergence = Divergence(
            workspace_id=one.account.workspace_id, account=one.account, kind=finding.kind, key=finding.key[:160],
            fingerprint=fingerprint, first_seen_at=self.now,
        )  # fmt: skip
        self._describe(one, divergence, finding)
        self._live(divergence, life, before="")
        self._new.append(divergence)

    def _see(self, one: Found, divergence: Divergence, finding: Finding) -> None:
        before = divergence.state
        is_another = _is_another(
            (divergence.expected, divergence.actual), (finding.expected, finding.actual)
        )
        life = see(life_of(divergence), finding.kind, self.now, is_another=is_another)
        # What is decided upon is decided on the figures that were seen then.
        if before not in (State.PROPOSED, State.APPROVED):
            self._describe(one, divergence, finding)
        divergence.last_run_id = one.run_id
        self._live(divergence, life, before)
        self._changed.append(divergence)

    def _miss(self, one: Found, divergence: Divergence) -> None:
        life = miss(life_of(divergence))
        if life is None:
            self._forgotten.append(divergence.pk)
            return
        before = divergence.state
        divergence.last_run_id = one.run_id
        self._live(divergence, life, before)
        self._changed.append(divergence)

    def _describe(self, one: Found, divergence: Divergence, finding: Finding) -> None:
        divergence.severity = finding.weight
        divergence.instrument_id = finding.instrument_id
        divergence.symbol = finding.symbol[:64]
        divergence.expected, divergence.actual = dict(finding.expected), dict(finding.actual)
        divergence.evidence = [word[:160] for word in finding.evidence]
        divergence.last_run_id = one.run_id
        remedy = remedy_for(difference_of(divergence))
        divergence.proposal = {} if remedy is None else {**remedy._asdict(), "act": str(remedy.act)}

    def _live(self, divergence: Divergence, life: Life, before: str) -> None:
        divergence.state, divergence.seen, divergence.unseen = life.state, life.seen, life.unseen
        divergence.last_seen_at = life.last_seen_at
        told = self.told[divergence.account_id]
        if life.unseen == 0:
            told.found += 1
        if life.state == State.OPEN and before in ("", State.SEEN):
            divergence.opened_at = self.now
            told.opened.append(divergence)
        if life.state == State.SELF_CLEARED:
            divergence.over_at, divergence.resolution = self.now, Resolution.CLEARED
            told.cleared.append(divergence)
        # What was only seen is forgotten without a trace if it does not come again: its first step waits.
        if life.state == State.SEEN:
            return
        if before == State.SEEN:
            self._steps.append((divergence, "", State.SEEN, divergence.first_seen_at))
        if life.state != before:
            self._steps.append((divergence, before, life.state, self.now))


def _words_of(brought: Brought) -> str:
    if brought.what == "pull":
        return f"Pull {brought.id} says that nothing happened in that time."
    return f"Import {brought.id} brought what was missing."


_Sides = tuple[Mapping[str, str], Mapping[str, str]]


def _is_another(before: _Sides, now: _Sides) -> bool:
    """In quantity. Both sides may trade on while they are off by the same; but where one has come to where the other
    was, that difference is over, and this one is new."""
    if not any("quantity" in side for side in now):
        return False
    (ours, theirs), (our, their) = (
        [Decimal(one.get("quantity", "0")) for one in sides] for sides in (before, now)
    )
    return theirs - ours != their - our or our == theirs or their == ours


def _is_same(
    one: tuple[Mapping[str, str], Mapping[str, str]],
    other: tuple[Mapping[str, str], Mapping[str, str]],
    *,
    only: frozenset[str] | None = None,
) -> bool:
    """How often something was met grows by itself, and who closed is what a rule added: no other figures."""
    first, second = (
        [
            {
                name: said
                for name, said in side.items()
                if name not in _NO_FIGURES and (only is None or name in only)
            }
            for side in sides
        ]
        for sides in (one, other)
    )
    return first == second


def life_of(divergence: Divergence) -> Life:
    return Life(
        State(divergence.state), divergence.seen, divergence.unseen, divergence.first_seen_at,
        divergence.last_seen_at, divergence.proposed_by_id,
    )  # fmt: skip


def difference_of(divergence: Divergence) -> Difference:
    return Difference(
        DivergenceClass(divergence.kind), divergence.key, divergence.expected, divergence.actual
    )


def _settled(
    found: Sequence[Found],
) -> Mapping[tuple[int, str], list[tuple[str, dict[str, str], dict[str, str]]]]:
    """By account and fingerprint what was decided on differences of that name."""
    fingerprints = {
        finding.fingerprint(one.account.pk) for one in found for finding in one.findings
    }
    decided: dict[tuple[int, str], list[tuple[str, dict[str, str], dict[str, str]]]]
    decided = defaultdict(list)
    if not fingerprints:
        return decided
    rows = Divergence.objects.filter(
        account_id__in=[one.account.pk for one in found], fingerprint__in=fingerprints,
        state__in=[State.RESOLVED, State.ACCEPTED, State.VOID],
    )  # fmt: skip
    names = "account_id", "fingerprint", "state", "expected", "actual", "evidence"
    for account_id, fingerprint, state, expected, actual, evidence in rows.values_list(*names):
        if any(word.startswith(_BROUGHT_BY) for word in evidence):
            continue
        decided[account_id, fingerprint].append((state, expected, actual))
    return decided
