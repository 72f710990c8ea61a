"""Secrets never reach a log."""

import pytest

from config.logging import HIDDEN, hide_secrets, hide_text


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer fb_s3cr3t",
        "GET /FlexStatementService.SendRequest?t=s3cr3t&q=1",
        "postgresql://me:s3cr3t@host/book",
        "?token=s3cr3t",
    ],
)
def test_secret_inside_a_line_is_hidden(line):
    assert "s3cr3t" not in hide_text(line)
    assert HIDDEN in hide_text(line)


@pytest.mark.parametrize("name", ["password", "api_token", "SECRET_KEY", "Authorization", "cookie"])
def test_value_under_a_telling_name_is_hidden(name):
    assert hide_secrets(None, "info", {"event": "x", name: "s3cr3t"})[name] == HIDDEN


def test_nested_secret_is_hidden():
    event = hide_secrets(
        None, "info", {"event": "x", "headers": {"Authorization": "s3cr3t", "Host": "h"}}
    )
    assert event["headers"] == {"Authorization": HIDDEN, "Host": "h"}


def test_ordinary_text_is_left_alone():
    assert (
        hide_text("Imported 12 executions at 10:30 in 0.2 s")
        == "Imported 12 executions at 10:30 in 0.2 s"
    )
