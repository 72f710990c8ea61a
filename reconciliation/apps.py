from typing import Any

from django.apps import AppConfig


class ReconciliationConfig(AppConfig):
    name = "reconciliation"
    verbose_name = "Reconciliation"

    def ready(self) -> None:
        # Models can be imported only now.
        from journal.services.readings import offer_listener  # noqa: PLC0415
        from journal.views.frame import offer_notices, offer_waiting  # noqa: PLC0415
        from reconciliation.selectors import guard_pages  # noqa: PLC0415
        from reconciliation.selectors.divergences import waiting_for_people  # noqa: PLC0415
        from reconciliation.views.notices import lock_notices  # noqa: PLC0415

        offer_listener(_take_handed_up)
        offer_waiting("reconcile", waiting_for_people)
        offer_waiting("guards", guard_pages.wanting_somebody)
        offer_waiting("guards", guard_pages.waiting_changes)
        offer_waiting("locks", guard_pages.locks_in_force)
        offer_notices("locks", lock_notices)
        from journal.services.gates import offer_gate  # noqa: PLC0415
        from reconciliation.selectors.gates import closed_by_locks  # noqa: PLC0415

        offer_gate(closed_by_locks)
        from journal.services.erasure import offer_hold  # noqa: PLC0415
        from reconciliation.selectors.holds import hold_while_closing  # noqa: PLC0415

        offer_hold(hold_while_closing)
        _offer_figures()
        from journal.services.portable.tables import offer  # noqa: PLC0415
        from reconciliation.services.moving import LEFT, MOVED  # noqa: PLC0415

        offer(*MOVED, left=LEFT)
        from journal.services.demo.parts import offer_part  # noqa: PLC0415
        from reconciliation.signals import guard_fired  # noqa: PLC0415 - models are not ready before

        offer_part(_tell_demo)
        guard_fired.connect(_begin_closing, dispatch_uid="begin_closing")


def _offer_figures() -> None:
    """What brokers say that accounts and positions are worth, for apps that count with it."""
    from journal.selectors.marks import offer_marks  # noqa: PLC0415 - as above
    from journal.selectors.worths import offer_worths  # noqa: PLC0415 - as above
    from reconciliation.selectors.daily_worths import (  # noqa: PLC0415 - as above
        daily_flows,
        daily_worths,
    )
    from reconciliation.selectors.marks import newest_marks  # noqa: PLC0415 - as above

    offer_worths(daily_worths, daily_flows)
    offer_marks(newest_marks)


def _take_handed_up(one: Any) -> None:
    from reconciliation.services.taking import take_handed_up  # noqa: PLC0415 - brings what speaks to brokers

    take_handed_up(one)


def _tell_demo(membership: Any, tag: str) -> None:
    from reconciliation.services.demo.parts import tell  # noqa: PLC0415 - as above

    tell(membership, tag)


def _begin_closing(firing: Any, **_kwargs: Any) -> None:
    """When the firing is stored; where the queue is away the schedule finds it."""
    from common.queue import enqueue  # noqa: PLC0415 - as above
    from reconciliation.tasks import begin_closing  # noqa: PLC0415 - as above

    enqueue(begin_closing, firing.pk)
