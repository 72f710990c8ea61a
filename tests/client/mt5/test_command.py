"""The command `fillbook-mt5`: its settings, and what it says."""

from __future__ import annotations

import sys

import pytest
from fillbook_client.mt5 import __main__ as command
from fillbook_client.mt5.settings import SettingsMissing, parse, read_settings

from tests.client.mt5.fake import Clock, FakeMetaTrader5
from tests.client.mt5.journal import SECRET, TOKEN, FakeJournal

ENVIRONMENT = {
    "FILLBOOK_URL": "https://journal.example.org", "FILLBOOK_TOKEN": "tok", "FILLBOOK_MT5_SECRET": "sec",
    "FILLBOOK_MT5_CONNECTION": "12",
}  # fmt: skip


def settings(*arguments, environment=ENVIRONMENT):
    return read_settings(parse(arguments), environment)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("FILLBOOK_URL", "FILLBOOK_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_settings_come_from_the_environment():
    found = settings(environment=ENVIRONMENT | {"LOCALAPPDATA": "/data"})
    assert (found.url, found.token, found.secret, found.connection) == (
        "https://journal.example.org",
        "tok",
        "sec",
        "12",
    )
    assert (str(found.spool), found.interval, found.terminal) == (
        "/data/fillbook/mt5.sqlite",
        15.0,
        {},
    )


def test_a_file_beside_it_is_read_and_the_environment_and_the_command_line_win(elsewhere):
    (elsewhere / "fillbook-mt5.ini").write_text(
        "[fillbook-mt5]\nurl = http://file\ntoken = file\nsecret = 5%x\nconnection = 7\nlogin = 700300\n"
        "password = a%b%%c\nserver = Sample-Demo\ninterval = 5\n",
        encoding="utf-8-sig",
    )
    found = settings("--interval", "30", environment={"FILLBOOK_TOKEN": "env"})
    assert (found.url, found.token, found.secret, found.interval) == (
        "http://file",
        "env",
        "5%x",
        30.0,
    )
    assert found.terminal == {"password": "a%b%%c", "server": "Sample-Demo", "login": 700300}


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (
            (),
            {},
            "url (FILLBOOK_URL), token (FILLBOOK_TOKEN), secret (FILLBOOK_MT5_SECRET), connection",
        ),
        (("--config", "gone.ini"), ENVIRONMENT, "no file gone.ini"),
        ((), ENVIRONMENT | {"FILLBOOK_MT5_LOGIN": "me"}, "not a number"),
        (("--interval", "often"), ENVIRONMENT, "not a number"),
    ],
)
def test_what_is_missing_or_wrong_is_said(arguments, environment, said):
    with pytest.raises(SettingsMissing) as caught:
        settings(*arguments, environment=environment)
    assert said in str(caught.value)


def test_a_file_that_is_none_is_said(elsewhere):
    (elsewhere / "mine.ini").write_text("url = x")
    with pytest.raises(SettingsMissing, match="fillbook-mt5"):
        settings("--config", "mine.ini")


def test_secrets_are_no_arguments(capsys):
    with pytest.raises(SystemExit):
        parse(["--secret", "x"])
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert "FILLBOOK_MT5_PASSWORD" in capsys.readouterr().out


def test_without_the_package_it_says_what_to_do(monkeypatch, capsys):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, "MetaTrader5", None)
    assert command.main([]) == 2
    assert "works on Windows only" in capsys.readouterr().err


def test_once_looks_delivers_and_says_how_it_went(monkeypatch, capsys, tmp_path):
    mt5 = FakeMetaTrader5(Clock())
    mt5.tick()
    mt5.deal()
    monkeypatch.setitem(sys.modules, "MetaTrader5", mt5)
    with FakeJournal() as journal:
        values = {
            "FILLBOOK_URL": journal.url,
            "FILLBOOK_TOKEN": TOKEN,
            "FILLBOOK_MT5_SECRET": SECRET,
        }
        for name, value in (ENVIRONMENT | values).items():
            monkeypatch.setenv(name, value)
        spool = str(tmp_path / "mt5.sqlite")
        assert command.main(["--once", "--spool", spool]) == 0
        assert "700300@Sample-Demo" in capsys.readouterr().out
        assert command.main(["--once", "--spool", spool, "--start-over"]) == 0
        assert len({push["bridge"] for push in journal.pushes}) == 2
        monkeypatch.setenv("FILLBOOK_TOKEN", "revoked")
        mt5.deal()
        assert command.main(["--once", "--spool", spool]) == 1
        assert "not_authenticated" in capsys.readouterr().out
