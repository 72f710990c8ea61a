"""People, workspaces, invitations and tokens on a real PostgreSQL."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.models import ApiToken, Invitation, Membership, User, Workspace
from accounts.roles import Role
from accounts.scopes import Scope, allowed_scopes
from accounts.services.invitations import accept_invitation, invite, withdraw_invitation
from accounts.services.people import change_preferences, create_user, may_sign_up, sign_up
from accounts.services.tokens import create_token, parse_scopes, revoke_token
from accounts.services.workspaces import (
    change_role,
    change_workspace,
    create_workspace,
    remove_member,
)
from common.errors import Conflict, Forbidden, NotFound, Rejected
from tests import people

pytestmark = pytest.mark.django_db


def events(model, **filters):
    return apps.get_model("accounts", f"{model}Event").objects.filter(**filters)


# --- People ---


def test_the_first_person_administers_and_the_second_does_not():
    first = sign_up("first@example.org", password=people.PASSWORD)
    second = sign_up("second@example.org", password=people.PASSWORD)
    assert (first.is_staff, first.is_superuser) == (True, True)
    assert (second.is_staff, second.is_superuser) == (False, False)


def test_who_signs_up_gets_a_workspace_of_their_own():
    user = sign_up("alice@example.org", password=people.PASSWORD, name="Alice")
    membership = Membership.objects.get(user=user)
    assert membership.role == Role.OWNER
    assert membership.workspace.name == "Alice’s journal"


def test_an_address_is_one_person_in_any_case_of_letters():
    create_user("Alice@Example.ORG", password=people.PASSWORD)
    assert User.objects.get(email="ALICE@example.org").email == "alice@example.org"
    with pytest.raises(Conflict, match="already has an account"):
        create_user("aLICE@example.org")


def test_the_database_refuses_a_second_spelling():
    create_user("alice@example.org")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET email = 'Alice@example.org'")


def test_a_person_made_by_a_script_has_a_verified_address():
    user = create_user("alice@example.org")
    assert EmailAddress.objects.get(user=user).verified
    assert not user.has_usable_password()


def test_sign_up_can_be_closed_but_never_to_the_first_person(settings):
    settings.ACCOUNTS_SIGNUP_OPEN = "closed"
    assert may_sign_up()
    sign_up("first@example.org", password=people.PASSWORD)
    assert not may_sign_up()
    with pytest.raises(Forbidden, match="closed"):
        sign_up("second@example.org", password=people.PASSWORD)
    assert User.objects.count() == 1


def test_sign_up_by_invitation_only(settings):
    settings.ACCOUNTS_SIGNUP_OPEN = "invited"
    owner = people.alice()
    _, token = invite(owner.workspace, email="dora@example.org", role=Role.VIEWER)
    assert not may_sign_up()
    assert not may_sign_up("guess")
    assert may_sign_up(token)
    user = sign_up("Dora@example.org", password=people.PASSWORD, invitation_token=token)
    membership = Membership.objects.get(user=user)
    assert (membership.workspace, membership.role) == (owner.workspace, "viewer")
    assert not may_sign_up(token)


def test_an_invitation_does_not_let_another_address_sign_up():
    owner = people.alice()
    _, token = invite(owner.workspace, email="dora@example.org", role=Role.VIEWER)
    with pytest.raises(Rejected, match=r"dora@example\.org"):
        sign_up("eve@example.org", password=people.PASSWORD, invitation_token=token)
    assert not User.objects.filter(email="eve@example.org").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_up_at_once_only_one_administers():
    barrier = Barrier(2)

    def come(email):
        try:
            barrier.wait()
            sign_up(email, password=people.PASSWORD)
        finally:
            connection.close()

    threads = [Thread(target=come, args=[f"{name}@example.org"]) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.count() == 2
    assert User.objects.filter(is_superuser=True, is_staff=True).count() == 1


def test_preferences_that_do_not_exist_are_refused():
    user = people.alice().user
    with pytest.raises(ValidationError, match="not a time zone"):
        change_preferences(user, name="", zone="Mars", theme="dark", locale="en-US")


# --- Workspaces ---


def test_workspaces_of_one_name_have_different_slugs():
    user = people.alice().user
    one = create_workspace(user, name="Swing Trades").workspace
    two = create_workspace(user, name="swing trades").workspace
    assert one.slug == "swing-trades"
    assert two.slug.startswith("swing-trades-")


def test_a_base_currency_is_a_code():
    workspace = people.alice().workspace
    with pytest.raises(ValidationError, match="currency code"):
        change_workspace(workspace, name="X", base_currency="€")
    with pytest.raises(IntegrityError), transaction.atomic():
        Workspace.objects.filter(pk=workspace.pk).update(base_currency="usd")


def test_the_last_owner_stays_an_owner():
    who = people.everybody()
    for attempt in (lambda m: change_role(m, role=Role.VIEWER), remove_member):
        with pytest.raises(Conflict, match="needs an owner"):
            attempt(who.alice)
    change_role(who.bob, role=Role.OWNER)
    assert change_role(who.alice, role=Role.VIEWER).role == "viewer"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE {} SET role = 'viewer'", "DELETE FROM {}"])
def test_the_database_keeps_an_owner_too(statement):
    people.alice()
    with pytest.raises(IntegrityError, match="without an owner"), connection.cursor() as cursor:
        cursor.execute(statement.format("accounts_membership"))
    assert Membership.objects.filter(role="owner").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_whole_workspace_can_go():
    people.alice().workspace.delete()
    assert not Membership.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_owners_cannot_demote_each_other_at_once():
    who = people.everybody(bob_as=Role.OWNER)
    barrier, refused = Barrier(2), []

    def demote(membership):
        try:
            barrier.wait()
            change_role(membership, role=Role.VIEWER)
        except Conflict as conflict:
            refused.append(conflict.code)
        finally:
            connection.close()

    threads = [Thread(target=demote, args=[m]) for m in (who.alice, who.bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_owner"]
    assert Membership.objects.filter(workspace=who.workspace, role="owner").count() == 1


def test_whoever_is_removed_loses_their_tokens_of_that_workspace_only():
    who = people.everybody()
    of_workspace, _ = people.token(who.bob)
    elsewhere, _ = people.token(create_workspace(who.bob.user, name="Bob’s own"))
    remove_member(who.bob)
    of_workspace.refresh_from_db()
    elsewhere.refresh_from_db()
    assert of_workspace.revoked_at is not None
    assert elsewhere.revoked_at is None


# --- Invitations ---


def test_an_invitation_is_accepted_once():
    who = people.everybody()
    dora = people.person("dora@example.org")
    _, token = invite(who.workspace, email="DORA@example.org", role=Role.TRADER)
    assert accept_invitation(token, user=dora).role == "trader"
    with pytest.raises(NotFound):
        accept_invitation(token, user=dora)


def test_an_invitation_expires_and_can_be_withdrawn():
    who = people.everybody()
    dora = people.person("dora@example.org")
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        _, late = invite(who.workspace, email="dora@example.org", role=Role.TRADER)
        clock.shift(timedelta(days=7))
        with pytest.raises(NotFound, match="expired"):
            accept_invitation(late, user=dora)
        again, token = invite(who.workspace, email="dora@example.org", role=Role.TRADER)
        assert Invitation.objects.count() == 1
        withdraw_invitation(again)
        with pytest.raises(NotFound):
            accept_invitation(token, user=dora)


def test_inviting_again_replaces_the_first_link():
    who = people.everybody()
    dora = people.person("dora@example.org")
    _, first = invite(who.workspace, email="dora@example.org", role=Role.OWNER)
    _, second = invite(who.workspace, email="dora@example.org", role=Role.VIEWER)
    with pytest.raises(NotFound):
        accept_invitation(first, user=dora)
    assert accept_invitation(second, user=dora).role == "viewer"


def test_a_member_is_not_invited_again():
    who = people.everybody()
    with pytest.raises(Conflict, match="already belongs"):
        invite(who.workspace, email="Bob@example.org", role=Role.OWNER)


# --- Tokens ---


def test_a_token_begins_with_its_mark_and_is_stored_hashed():
    token, text = people.token(people.alice(), Scope.JOURNAL_READ)
    assert text.startswith("fb_")
    assert len(text) == 67
    assert text.startswith(token.token_key)
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert text not in str(stored)


def test_tokens_have_scopes_that_the_role_allows():
    who = people.everybody()
    assert allowed_scopes(Role.VIEWER) < allowed_scopes(Role.TRADER)
    with pytest.raises(Forbidden, match="journal:write"):
        create_token(who.bob, name="x", scopes={Scope.JOURNAL_WRITE})
    with pytest.raises(Rejected, match="at least one"):
        create_token(who.alice, name="x", scopes=set())
    with pytest.raises(Rejected, match="name"):
        create_token(who.alice, name=" ", scopes={Scope.JOURNAL_READ})
    with pytest.raises(Rejected, match="future"):
        people.token(who.alice, expires_in=timedelta(0))
    with pytest.raises(Rejected, match="Unknown scope: journal:delete"):
        parse_scopes(["journal:read", "journal:delete"])


def test_revoking_twice_keeps_the_first_moment():
    token, _ = people.token(people.alice())
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        revoke_token(token)
        token.refresh_from_db()
        first = token.revoked_at
        clock.shift(3600)
        revoke_token(token)
    token.refresh_from_db()
    assert token.revoked_at == first


# --- Audit ---


def test_the_audit_trail_holds_no_secret():
    fields = {
        model: {field.name for field in events(model).model._meta.fields}
        for model in ("User", "ApiToken", "Membership", "Workspace")
    }
    assert not {"password", "last_login"} & fields["User"]
    assert not {"digest", "last_used_at"} & fields["ApiToken"]


def test_changes_of_roles_and_tokens_are_on_record():
    who = people.everybody()
    change_role(who.bob, role=Role.TRADER)
    token, _ = people.token(who.alice)
    revoke_token(token)
    of_bob = events("Membership", pgh_obj_id=who.bob.pk).order_by("pgh_id")
    assert list(of_bob.values_list("pgh_label", "role")) == [
        ("insert", "viewer"),
        ("update", "trader"),
    ]
    of_token = events("ApiToken", pgh_obj_id=token.pk).order_by("pgh_id")
    assert list(of_token.values_list("pgh_label", flat=True)) == ["insert", "update"]


def test_a_new_password_leaves_no_record_of_itself():
    user = people.alice().user
    before = events("User").count()
    user.set_password("another long password")
    user.save()
    assert events("User").count() == before
