"""An execution report cannot name what its workspace does not have, whoever writes it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now

COPY = (
    "INSERT INTO journal_executionreport SELECT (jsonb_populate_record(r, "
    "jsonb_build_object('id', r.id + 1000000) || %s::jsonb)).* FROM journal_executionreport r"
)


def insert_again(changes: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(COPY, [changes])


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["batch_id", "account_id", "instrument_id", "workspace_id"])
def test_nothing_is_written_that_refers_to_nothing(column):
    import_now(people.alice().workspace, statement(trade()))
    with pytest.raises(IntegrityError, match="its workspace does not have"):
        insert_again(f'{{"{column}": 999999999}}')


@pytest.mark.django_db
def test_nor_to_something_of_another_workspace():
    import_now(people.alice().workspace, statement(trade()))
    stranger = people.charlie().workspace
    with pytest.raises(IntegrityError, match="its workspace does not have"):
        insert_again(f'{{"workspace_id": {stranger.pk}}}')


@pytest.mark.django_db
def test_what_is_right_is_written():
    import_now(people.alice().workspace, statement(trade()))
    insert_again("{}")
