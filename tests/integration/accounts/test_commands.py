"""The commands that scripts call: they never ask, and say in one sentence what is wrong."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApiToken, Membership, User
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_password(monkeypatch):
    monkeypatch.delenv("FILLBOOK_PASSWORD", raising=False)


def run(name, *args):
    out = StringIO()
    call_command(name, *args, stdout=out)
    return out.getvalue().splitlines()


def test_a_person_and_a_workspace_are_made(monkeypatch):
    monkeypatch.setenv("FILLBOOK_PASSWORD", people.PASSWORD)
    lines = run("create_user", "Alice@example.org", "--workspace", "Main", "--currency", "eur")
    user = User.objects.get(email="alice@example.org")
    assert user.is_superuser
    assert "administers" in lines[0]
    assert user.check_password(people.PASSWORD)
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.workspace.base_currency) == ("owner", "EUR")


def test_running_it_again_changes_nothing(monkeypatch):
    monkeypatch.setenv("FILLBOOK_PASSWORD", people.PASSWORD)
    run("create_user", "alice@example.org", "--workspace", "Main")
    monkeypatch.setenv("FILLBOOK_PASSWORD", "quite another password")
    lines = run("create_user", "alice@example.org", "--workspace", "Main", "--role", "viewer")
    assert lines == [
        "alice@example.org is already here.",
        "alice@example.org already is owner in “Main”.",
    ]
    assert User.objects.get().check_password(people.PASSWORD)


def test_the_second_person_joins_with_a_role_and_does_not_administer():
    run("create_user", "alice@example.org", "--workspace", "Main")
    run("create_user", "bob@example.org", "--workspace", "main", "--role", "viewer")
    bob = Membership.objects.get(user__email="bob@example.org")
    assert (bob.workspace.name, bob.role, bob.user.is_superuser) == ("Main", "viewer", False)
    run("create_user", "bob@example.org", "--admin")
    bob.user.refresh_from_db()
    assert bob.user.is_superuser


def test_without_a_password_it_says_how_to_set_one():
    lines = run("create_user", "alice@example.org", "--workspace", "Main")
    assert "FILLBOOK_PASSWORD" in lines[-1]
    assert not User.objects.get().has_usable_password()


def test_a_password_comes_from_a_file_or_a_named_variable(tmp_path, monkeypatch):
    file = tmp_path / "password"
    file.write_text(f"{people.PASSWORD}\nsecond line\n")
    run("create_user", "alice@example.org", "--password-file", str(file))
    assert User.objects.get().check_password(people.PASSWORD)
    monkeypatch.setenv("OTHER", "quite another password")
    run("create_user", "alice@example.org", "--password-env", "OTHER", "--reset-password")
    assert User.objects.get().check_password("quite another password")


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["nobody"], "valid email"),
        (["a@example.org", "--password-file", "/nowhere"], "/nowhere cannot be read"),
        (["a@example.org", "--password-env", "NOT_SET"], "NOT_SET is not set"),
        (["a@example.org", "--workspace", "New", "--role", "viewer"], "needs an owner"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_nothing(args, sentence):
    with pytest.raises(CommandError, match=sentence) as caught:
        run("create_user", *args)
    assert "\n" not in str(caught.value)
    assert not User.objects.exists()


def test_a_weak_password_is_refused(monkeypatch):
    monkeypatch.setenv("FILLBOOK_PASSWORD", "12345")
    with pytest.raises(CommandError, match="too short"):
        run("create_user", "alice@example.org")
    assert not User.objects.exists()


def test_the_token_stands_alone_on_the_last_line():
    people.alice()
    lines = run("create_token", "alice@example.org", "--scopes", "journal:read, journal:write")
    assert lines[-1].startswith("fb_")
    assert len(lines[-1]) == 67
    assert ApiToken.objects.get().scopes == ["journal:read", "journal:write"]


def test_without_scopes_a_token_may_what_the_person_may():
    who = people.everybody()
    run("create_token", "bob@example.org", "--expires-days", "30", "--name", "Night job")
    token = ApiToken.objects.get()
    assert token.workspace == who.workspace
    assert token.name == "Night job"
    assert token.expiry is not None
    assert all(scope.endswith(":read") for scope in token.scopes)


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["nobody@example.org"], "Nobody here"),
        (["bob@example.org", "--scopes", "journal:write"], "cannot give a token"),
        (["bob@example.org", "--scopes", "everything"], "Unknown scope"),
        (["bob@example.org", "--workspace", "Charlie’s journal"], "not yours"),
        (["bob@example.org", "--workspace", "Nowhere"], "no workspace called"),
        (["bob@example.org", "--expires-days", "0"], "in the future"),
        (["admin@example.org"], "belongs to no workspace"),
    ],
)
def test_what_token_cannot_be_made_is_one_sentence(args, sentence):
    people.everybody()
    with pytest.raises(CommandError, match=sentence):
        run("create_token", *args)
    assert not ApiToken.objects.exists()


def test_with_several_workspaces_one_must_be_named():
    membership = people.alice()
    people.create_workspace(membership.user, name="Second")
    with pytest.raises(CommandError, match="several workspaces"):
        run("create_token", "alice@example.org")
    run("create_token", "alice@example.org", "--workspace", "second")
    assert ApiToken.objects.get().workspace.name == "Second"
