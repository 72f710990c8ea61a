"""What must be done at once is in a queue of its own, and nothing else is."""

from __future__ import annotations

from config.celery import AT_ONCE, CLOSING, QUEUE, app


def queue_of(task: str):
    return app.amqp.router.route({}, task)["queue"]


def test_closings_and_guards_do_not_wait_behind_anything_else():
    app.loader.import_default_modules()
    tasks = [name for name in app.tasks if not name.startswith("celery.")]
    at_once = {name for name in tasks if queue_of(name).name == CLOSING}
    assert at_once == set(AT_ONCE)
    assert {"journal.tasks.deliver_alerts", "reconciliation.tasks.reconcile_due"} < at_once
    assert {queue_of(name).name for name in tasks} == {CLOSING, QUEUE}


def test_a_message_goes_to_one_queue():
    found = {(one.exchange.name, one.routing_key) for one in app.conf.task_queues}
    assert len(found) == 2
