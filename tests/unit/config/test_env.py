"""Options from the environment say what is wrong with them."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_value_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("LIMIT", "12")
    assert env.integer("LIMIT", 3) == 12


def test_secret_comes_from_the_file_that_is_named(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("SOME_KEY_FILE", str(tmp_path / "secret"))
    assert env.text("SOME_KEY") == "hush"


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("FLAG", "perhaps", lambda: env.flag("FLAG", False)),
        ("LIMIT", "ten", lambda: env.integer("LIMIT", 1)),
        ("LIMIT", "-1", lambda: env.integer("LIMIT", 1)),
        ("KIND", "blue", lambda: env.choice("KIND", "red", ("red", "green"))),
        ("OPTIONS", "[1]", lambda: env.mapping("OPTIONS")),
        ("SECRET_FILE", "/nowhere/at/all", lambda: env.text("SECRET")),
    ],
)
def test_bad_value_is_refused_by_name(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        read()


def test_database_url_is_taken_apart():
    found = env.database("postgresql://me:p%40ss@db.example:5433/book?sslmode=require")
    assert found["NAME"] == "book"
    assert found["USER"] == "me"
    assert found["PASSWORD"] == "p@ss"
    assert (found["HOST"], found["PORT"]) == ("db.example", "5433")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://host/book", "postgresql://host", "nonsense"])
def test_database_url_that_is_not_postgresql_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database(url)
