"""What a token opens, on views like those of the journal: authenticated, authorised, scoped."""

from datetime import timedelta

import pytest
import time_machine
from django.apps import apps
from django.test import Client
from django.urls import path
from django_scopes import get_scope
from rest_framework.response import Response
from rest_framework.test import APIClient

from accounts.api.permissions import OwnerPermission
from accounts.api.throttles import TokenRateThrottle
from accounts.api.views import ScopedAPIView
from accounts.bindings import list_bindable
from accounts.forms import TokenForm
from accounts.models import ApiToken
from accounts.roles import Role
from accounts.scopes import Scope
from accounts.services.tokens import revoke_token
from accounts.services.workspaces import change_role, change_workspace, remove_member
from common.errors import Rejected
from journal.models import BrokerAccount
from tests import people

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.accounts.test_api")]


class Echo(ScopedAPIView):
    read_scope = Scope.JOURNAL_READ
    write_scope = Scope.JOURNAL_WRITE

    def get(self, request):
        in_scope = get_scope().get("workspace")
        assert in_scope == self.workspace == request.workspace
        return Response(
            {
                "workspace": self.workspace.pk,
                "role": self.membership.role,
                "account": self.bound_account_id,
            }
        )

    def post(self, request):
        if request.data.get("fail"):
            raise ZeroDivisionError
        if name := request.data.get("name"):
            change_workspace(self.workspace, name=name, base_currency="USD")
        return Response({}, status=201)


class Unnamed(ScopedAPIView):
    def get(self, request):
        return Response({})


class OwnersOnly(Echo):
    permission_classes = (OwnerPermission,)


urlpatterns = [
    path("api/echo", Echo.as_view()),
    path("api/unnamed", Unnamed.as_view()),
    path("api/owners", OwnersOnly.as_view()),
]


def bearer(text):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def test_a_token_reads_its_own_workspace():
    who = people.everybody()
    for membership in (who.alice, who.bob, who.charlie):
        answer = people.bot(membership).get("/api/echo").json()
        assert answer["workspace"] == membership.workspace_id
        assert answer["role"] == membership.role


def test_a_token_keeps_its_workspace_whatever_the_session_shows():
    who = people.everybody()
    _, text = people.token(who.charlie)
    client = people.browser(who.alice)
    answer = client.get("/api/echo", headers={"Authorization": f"Bearer {text}"}).json()
    assert answer["workspace"] == who.charlie.workspace_id


def test_a_token_can_be_bound_to_an_account():
    who = people.everybody()
    account = BrokerAccount.objects.create(
        workspace=who.workspace, broker="ibkr", broker_id="U7654321"
    )
    bound = people.bot(who.alice, account_id=account.pk)
    assert bound.get("/api/echo").json()["account"] == account.pk


def test_a_token_cannot_be_bound_to_somebody_else_s_account():
    who = people.everybody()
    account = BrokerAccount.objects.create(
        workspace=who.charlie.workspace, broker="ibkr", broker_id="U7654321"
    )
    for account_id in (account.pk, 987654321):
        with pytest.raises(Rejected) as refused:
            people.bot(who.alice, account_id=account_id)
        assert refused.value.code == "account_not_found"


def test_the_token_form_offers_the_accounts_of_the_workspace_and_no_others():
    who = people.everybody()
    own, foreign = (
        BrokerAccount.objects.create(workspace=one.workspace, broker="ibkr", broker_id=number)
        for one, number in ((who.alice, "U7654321"), (who.charlie, "U9999999"))
    )
    form = TokenForm(role=Role.OWNER, accounts=list_bindable(who.workspace.pk))
    assert [value for value, _ in form.fields["account"].choices] == ["", own.pk]
    form = TokenForm(
        {"name": "Bot", "scopes": ["journal:read"], "account": foreign.pk},
        role=Role.OWNER,
        accounts=list_bindable(who.workspace.pk),
    )
    assert set(form.errors) == {"account"}


def test_a_token_needs_the_scope():
    who = people.everybody()
    reader = people.bot(who.alice, Scope.JOURNAL_READ)
    assert reader.get("/api/echo").status_code == 200
    refused = reader.post("/api/echo")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert "journal:write" in refused.json()["message"]
    writer = people.bot(who.alice, Scope.JOURNAL_WRITE)
    assert writer.post("/api/echo").status_code == 201
    assert writer.get("/api/echo").status_code == 403


def test_a_view_without_a_scope_is_closed_to_tokens():
    who = people.everybody()
    assert people.bot(who.alice).get("/api/unnamed").status_code == 403
    assert people.browser(who.alice).get("/api/unnamed").status_code == 200


def test_a_viewer_reads_and_does_not_write():
    who = people.everybody()
    client = people.browser(who.bob)
    assert client.get("/api/echo").status_code == 200
    assert client.post("/api/echo").status_code == 403
    change_role(who.bob, role=Role.TRADER)
    assert client.post("/api/echo").status_code == 201


def test_a_token_loses_writing_with_its_owner():
    who = people.everybody(bob_as=Role.TRADER)
    client = people.bot(who.bob)
    assert client.post("/api/echo").status_code == 201
    change_role(who.bob, role=Role.VIEWER)
    assert client.post("/api/echo").status_code == 403
    assert client.get("/api/echo").status_code == 200


def test_only_owners_pass_where_owners_are_asked_for():
    who = people.everybody(bob_as=Role.TRADER)
    assert people.bot(who.alice).get("/api/owners").status_code == 200
    assert people.bot(who.bob).get("/api/owners").status_code == 403


def test_nobody_gets_in_without_a_token_or_session():
    response = APIClient().get("/api/echo")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("text", ["fb_", "nonsense", "fb_" + "0" * 64, "ümlaut", "a b"])
def test_an_unknown_token_is_401(text):
    response = bearer(text.encode("utf-8").decode("latin-1")).get("/api/echo")
    assert response.status_code == 401
    assert response.json()["message"]


def test_a_revoked_token_is_401_and_says_so():
    who = people.everybody()
    token, text = people.token(who.alice)
    revoke_token(token)
    response = bearer(text).get("/api/echo")
    assert response.status_code == 401
    assert response.json()["code"] == "token_revoked"
    assert "revoked" in response.json()["message"]


def test_an_expired_token_is_401_and_stays_listed():
    who = people.everybody()
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        token, text = people.token(who.alice, expires_in=timedelta(days=30))
        assert bearer(text).get("/api/echo").status_code == 200
        clock.shift(timedelta(days=30))
        response = bearer(text).get("/api/echo")
    assert (response.status_code, response.json()["code"]) == (401, "token_expired")
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_the_tokens_of_somebody_who_left_stop_working():
    who = people.everybody()
    token, text = people.token(who.bob)
    remove_member(who.bob)
    assert bearer(text).get("/api/echo").status_code == 401
    # Not even when the revocation is undone behind our back.
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=None)
    assert bearer(text).get("/api/echo").json()["code"] == "token_owner_gone"


def test_the_tokens_of_a_disabled_person_stop_working():
    who = people.everybody()
    _, text = people.token(who.alice)
    who.alice.user.is_active = False
    who.alice.user.save()
    assert bearer(text).get("/api/echo").status_code == 401


def test_the_scope_is_closed_after_every_answer():
    who = people.everybody()
    client = people.bot(who.alice)
    client.raise_request_exception = False
    client.get("/api/echo")
    assert get_scope().get("workspace") is None
    assert client.post("/api/echo", {"fail": True}).status_code == 500
    assert get_scope().get("workspace") is None
    people.browser(who.alice).get("/api/echo")
    assert get_scope().get("workspace") is None


def test_a_session_needs_the_csrf_token_to_write_and_a_token_does_not():
    who = people.everybody()
    session = people.browser(who.alice)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = session.cookies
    assert strict.post("/api/echo").status_code == 403
    _, text = people.token(who.alice)
    strict = APIClient(enforce_csrf_checks=True)
    assert strict.post("/api/echo", headers={"Authorization": f"Bearer {text}"}).status_code == 201


def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries):
    who = people.everybody()
    token, text = people.token(who.alice)
    client = bearer(text)
    with time_machine.travel("2026-03-01T12:00:00Z", tick=False) as clock:
        with django_assert_num_queries(2):
            client.get("/api/echo")
        token.refresh_from_db()
        first = token.last_used_at
        clock.shift(timedelta(seconds=59))
        with django_assert_num_queries(1):
            client.get("/api/echo")
        clock.shift(timedelta(seconds=1))
        client.get("/api/echo")
    token.refresh_from_db()
    assert token.last_used_at - first == timedelta(seconds=60)


def test_each_token_has_its_own_allowance(monkeypatch):
    monkeypatch.setattr(TokenRateThrottle, "THROTTLE_RATES", {"user": "2/minute"})
    who = people.everybody()
    busy, calm = people.bot(who.alice), people.bot(who.alice)
    answers = [busy.get("/api/echo").status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert calm.get("/api/echo").status_code == 200


def test_the_audit_trail_names_the_person_and_the_token():
    who = people.everybody()
    token, text = people.token(who.alice)
    bearer(text).post("/api/echo", {"name": "Renamed"})
    event = apps.get_model("accounts", "WorkspaceEvent").objects.get(name="Renamed")
    assert event.pgh_context.metadata["user"] == who.alice.user_id
    assert event.pgh_context.metadata["token"] == token.pk


def test_a_person_without_a_workspace_is_told_so():
    client = Client()
    client.force_login(people.person("lonely@example.org"))
    response = client.get("/api/echo")
    assert response.status_code == 403
    assert "workspace" in response.json()["message"]
