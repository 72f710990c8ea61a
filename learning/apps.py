from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig

# A demo with a shorter history tells no season.
_SEASON = 150


class LearningConfig(AppConfig):
    name = "learning"
    verbose_name = "Learning"

    def ready(self) -> None:
        from journal.models import AlertTopic  # noqa: PLC0415 - apps are ready
        from journal.services.alerts.delivery import offer_composer  # noqa: PLC0415 - as above
        from journal.services.demo.parts import offer_part  # noqa: PLC0415 - apps are ready
        from journal.signals import account_erased, book_changed  # noqa: PLC0415 - apps are ready

        offer_composer(AlertTopic.REPORTS, _compose_report)
        book_changed.connect(_note_change, dispatch_uid="measure_later")
        account_erased.connect(_forget_erased, dispatch_uid="forget_erased")
        from journal.tools.review_parts import offer_review  # noqa: PLC0415 - as above
        from journal.views.luck import offer_luck  # noqa: PLC0415 - as above
        from journal.views.trade_cards import offer_card  # noqa: PLC0415 - as above
        from learning.tools.review import insight_told  # noqa: PLC0415 - as above
        from learning.views.insight_card import insight_card  # noqa: PLC0415 - as above

        offer_card("learning/insight_card.html", insight_card)
        offer_luck(_read_luck)
        offer_review("learnt", insight_told)
        from journal.services.portable.tables import offer  # noqa: PLC0415 - as above
        from learning.services.moving import LEFT, MOVED  # noqa: PLC0415 - as above

        offer(*MOVED, left=LEFT, afterwards=_learn_again)
        offer_part(_tell_season, sessions=_SEASON)


def _note_change(
    workspace_id: int, account_id: int, trades: Sequence[int] | None, **_kwargs: Any
) -> None:
    """In the transaction of the change, so that none is lost; where the queue is away the schedule finds it."""
    from common.queue import enqueue_soon  # noqa: PLC0415 - models can be imported only now
    from learning.models import BookChange  # noqa: PLC0415 - as above
    from learning.tasks import measure  # noqa: PLC0415 - as above

    told = None if trades is None else list(trades)
    BookChange.objects.create(workspace_id=workspace_id, account_id=account_id, trades=told)
    enqueue_soon(measure, workspace_id, seconds=1)


def _read_luck(breakdown: str) -> Any:
    from learning.views.luck import read_luck  # noqa: PLC0415 - brings numpy

    return read_luck(breakdown)


def _compose_report(alert: Any) -> Any:
    from learning.services.reporting.mailing import compose  # noqa: PLC0415 - models are ready only then

    return compose(alert)


def _forget_erased(workspace_id: int, **_kwargs: Any) -> None:
    from common.queue import enqueue  # noqa: PLC0415 - models can be imported only now
    from learning.services.forgetting import forget_account  # noqa: PLC0415 - brings scipy
    from learning.tasks import expose, learn_past, measure_returns  # noqa: PLC0415 - as above

    forget_account(workspace_id)
    enqueue(measure_returns, workspace_id)
    enqueue(learn_past, workspace_id)
    enqueue(expose, workspace_id)


def _learn_again(workspace_id: int) -> None:
    """Of a workspace that came out of an archive: figures, then its Mondays, each as of itself."""
    from common.queue import enqueue  # noqa: PLC0415 - models can be imported only now
    from learning.tasks import learn_past, measure_again  # noqa: PLC0415 - as above

    enqueue(measure_again, workspace_id)
    enqueue(learn_past, workspace_id)


def _tell_season(membership: Any, tag: str) -> None:
    """Of the demo. Workers then learn from it, Monday by Monday."""
    from common.queue import enqueue  # noqa: PLC0415 - models can be imported only now
    from learning.services.demo.telling import tell  # noqa: PLC0415 - as above
    from learning.tasks import learn_past  # noqa: PLC0415 - as above

    if tell(membership, tag):
        enqueue(learn_past, membership.workspace_id)
