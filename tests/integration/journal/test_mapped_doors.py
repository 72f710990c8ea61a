"""Tables with a mapping through the command and the API: the same as by the page."""

from __future__ import annotations

import json
from decimal import Decimal
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django_scopes import scope

from journal import tasks
from journal.models import BrokerAccount, ColumnMapping, Trade
from tests import people
from tests.doors import rows_of

pytestmark = pytest.mark.django_db

TABLE = (
    "Date,Symbol,Side,Qty,Price,Fee,Currency\n"
    "2027-03-01 10:00:00,QXA,Buy,10,20,1,USD\n"
    "2027-03-02 11:00:00,QXA,Sell,10,22,1,USD\n"
)
MAPPING = {
    "header": ["Date", "Symbol", "Side", "Qty", "Price", "Fee", "Currency"],
    "columns": {"Date": "date", "Symbol": "symbol", "Side": "side", "Qty": "quantity", "Price": "price", "Fee": "fee",
                "Currency": "currency"},
    "side_from": "column", "sides": {"buy": "buy", "sell": "sell"}, "fee_sign": "positive", "zone": "America/New_York",
}  # fmt: skip


@pytest.fixture
def alice():
    return people.alice()


@pytest.fixture
def workspace(alice):
    return alice.workspace


@pytest.fixture
def files(tmp_path):
    (tmp_path / "trades.csv").write_text(TABLE)
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING))
    (tmp_path / "days.csv").write_text(TABLE.replace(" 10:00:00", "").replace(" 11:00:00", ""))
    (tmp_path / "broken.json").write_text("{")
    return tmp_path


def run(workspace, *arguments, **options) -> str:
    out = StringIO()
    call_command(
        "import_statement",
        *map(str, arguments),
        "--workspace",
        workspace.name,
        stdout=out,
        **options,
    )
    return out.getvalue()


def net(workspace) -> Decimal:
    with scope(workspace=workspace):
        return Trade.objects.get().net_pnl


def test_the_command_takes_a_mapping_and_remembers_it(workspace, files):
    first = ("--mapping", files / "mapping.json", "--new-account", "4711")
    assert "2 new executions" in run(workspace, files / "trades.csv", *first, "--dry-run")
    assert rows_of(workspace) == 0
    run(workspace, files / "trades.csv", *first)
    assert net(workspace) == 18
    (files / "more.csv").write_text(TABLE + "2027-03-03 11:00:00,QXA,Buy,1,22,1,USD\n")
    said = json.loads(run(workspace, files / "more.csv", "--account", "4711", "--json"))
    assert said["accounts"][0]["executions"] == {"read": 3, "new": 1, "duplicate": 2}
    with scope(workspace=workspace):
        assert ColumnMapping.objects.get().account == BrokerAccount.objects.get()


def test_a_proposal_that_leaves_nothing_open_may_be_taken(workspace, files):
    run(workspace, files / "days.csv", "--mapping", "auto", "--new-account", "4711")
    assert net(workspace) == 18
    with pytest.raises(CommandError, match="time zone"):
        run(workspace, files / "trades.csv", "--mapping", "auto", "--new-account", "4711")


def test_the_proposal_can_be_printed(workspace, files):
    errors = StringIO()
    said = json.loads(run(workspace, files / "trades.csv", "--propose-mapping", stderr=errors))
    assert said["columns"] == MAPPING["columns"]
    assert "time zone" in errors.getvalue()
    assert rows_of(workspace) == 0
    (files / "note.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match=r"note\.pdf"):
        run(workspace, files / "note.pdf", "--propose-mapping")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "which of its columns is which"),
        (("--mapping", "broken.json"), "no JSON object"),
        (("--mapping", "nowhere.json"), "No such file"),
    ],
)
def test_the_command_says_what_is_wrong(workspace, files, arguments, words):
    places = [files / one if one.endswith("json") else one for one in arguments]
    with pytest.raises(CommandError, match=words):
        run(workspace, files / "trades.csv", *places, "--new-account", "4711")
    assert rows_of(workspace) == 0


@pytest.mark.parametrize(
    ("broker", "zone"), [("degiro", "Europe/Amsterdam"), ("oddbank", "Asia/Tokyo")]
)
def test_a_new_account_has_the_trading_day_of_its_broker_else_of_the_table(
    workspace, files, broker, zone
):
    told = {**MAPPING, "broker": broker, "zone": "Asia/Tokyo"}
    (files / "elsewhere.json").write_text(json.dumps(told))
    mapping = ("--mapping", files / "elsewhere.json")
    run(workspace, files / "trades.csv", *mapping, "--new-account", "4711")
    with scope(workspace=workspace):
        assert BrokerAccount.objects.values_list("broker", "zone").get() == (broker, zone)


def test_without_a_zone_in_the_mapping_that_of_the_account_counts(workspace, files):
    run(
        workspace,
        files / "trades.csv",
        "--mapping",
        files / "mapping.json",
        "--new-account",
        "4711",
    )
    with scope(workspace=workspace):
        BrokerAccount.objects.update(statement_zone="Asia/Tokyo")
    bare = {name: value for name, value in MAPPING.items() if name != "zone"}
    (files / "bare.json").write_text(json.dumps(bare))
    said = run(
        workspace,
        files / "trades.csv",
        "--mapping",
        files / "bare.json",
        "--account",
        "4711",
        "--dry-run",
        "--json",
    )
    assert json.loads(said)["accounts"][0]["executions"]["new"] == 2


@pytest.mark.parametrize("as_file", [True, False])
def test_the_api_takes_a_mapping(alice, workspace, as_file):
    bot = people.bot(alice)
    text = json.dumps(MAPPING)
    body = {
        "file": SimpleUploadedFile("trades.csv", TABLE.encode()),
        "new_account": "4711",
        "mapping": SimpleUploadedFile("mapping.json", text.encode()) if as_file else text,
    }
    answer = bot.post("/api/trades/import/csv", body, format="multipart")
    assert answer.status_code == 202, answer.json()
    tasks.run_import(answer.json()["id"])
    said = bot.get(f"/api/trades/import/status/{answer.json()['id']}").json()
    assert said["state"] == "done"
    assert net(workspace) == 18


@pytest.mark.parametrize(
    ("mapping", "code"),
    [
        ("{", "mapping_invalid"),
        (json.dumps({**MAPPING, "fee_sign": ""}), "mapping_incomplete"),
        (json.dumps({**MAPPING, "columns": {"Moon": "date"}}), "mapping_invalid"),
        ("auto", "mapping_needed"),
    ],
)
def test_the_api_says_what_is_wrong_with_a_mapping(alice, workspace, mapping, code):
    body = {
        "file": SimpleUploadedFile("trades.csv", TABLE.encode()),
        "new_account": "4711",
        "mapping": mapping,
    }
    answer = people.bot(alice).post("/api/trades/import/csv", body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert (
        answer.json()["fields"]["mapping"] if code != "mapping_invalid" or mapping == "{" else True
    )
    assert rows_of(workspace) == 0


def test_an_unknown_table_without_a_mapping_waits_for_one(alice, workspace):
    bot = people.bot(alice)
    answer = bot.post(
        "/api/trades/import/csv",
        {"file": SimpleUploadedFile("t.csv", TABLE.encode())},
        format="multipart",
    )
    assert answer.status_code == 202
    tasks.run_import(answer.json()["id"])
    said = bot.get(f"/api/trades/import/status/{answer.json()['id']}").json()
    assert (said["state"], said["error"]["code"]) == ("failed", "mapping_needed")
    assert rows_of(workspace) == 0
