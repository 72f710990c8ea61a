"""What a source said is kept word for word."""

from __future__ import annotations

import pytest
from django_scopes import scope

from journal.models import ExecutionReport
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now


@pytest.mark.django_db
def test_a_raw_row_comes_back_as_it_was_written_in_its_order():
    workspace = people.alice().workspace
    odd = 'a\\b "c" \\u0000 &#233; end'
    row = trade(description=odd, zzz="last", aaa="after it")
    import_now(workspace, statement(row))
    with scope(workspace=workspace):
        raw = ExecutionReport.objects.get().raw
    assert raw["description"] == odd
    assert list(raw)[-2:] == ["zzz", "aaa"]
    assert "transactionID" in raw
