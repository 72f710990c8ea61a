"""Alice owns a workspace, Bob is in it as a viewer or trader, Charlie is a stranger with his own.

Plain functions, to be called inside a test that may use the database. Nothing is shared between
calls, but an address is one person: calling `alice()` twice in a test returns the same Alice.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.test import Client
from rest_framework.test import APIClient

from accounts.models import ApiToken, Membership, User, Workspace
from accounts.requests import WORKSPACE_KEY
from accounts.roles import Role
from accounts.scopes import Scope, allowed_scopes
from accounts.services.people import create_user
from accounts.services.tokens import create_token
from accounts.services.workspaces import add_member, create_workspace

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class People:
    alice: Membership
    bob: Membership
    charlie: Membership

    @property
    def workspace(self) -> Workspace:
        """Alice's, where Bob is too."""
        return self.alice.workspace


def person(email: str, *, is_admin: bool = False) -> User:
    found = User.objects.filter(email=email).first()
    return found or create_user(email, password=PASSWORD, is_admin=is_admin)


def owner(email: str, *, workspace_name: str, base_currency: str = "USD") -> Membership:
    user = person(email)
    found = Membership.objects.filter(user=user).select_related("workspace").first()
    return found or create_workspace(user, name=workspace_name, base_currency=base_currency)


def alice() -> Membership:
    return owner("alice@example.org", workspace_name="Alice’s journal")


def bob(workspace: Workspace, *, role: Role = Role.VIEWER) -> Membership:
    membership, _ = add_member(person("bob@example.org"), workspace=workspace, role=role)
    return membership


def charlie() -> Membership:
    return owner("charlie@example.org", workspace_name="Charlie’s journal")


def everybody(*, bob_as: Role = Role.VIEWER) -> People:
    """An administrator comes first, so that none of the three has more than their role."""
    person("admin@example.org")
    of_alice = alice()
    return People(of_alice, bob(of_alice.workspace, role=bob_as), charlie())


def browser(membership: Membership) -> Client:
    """Signed in, with that workspace open."""
    client = Client()
    client.force_login(membership.user)
    session = client.session
    session[WORKSPACE_KEY] = membership.workspace_id
    session.save()
    return client


def token(
    membership: Membership,
    *scopes: Scope,
    expires_in: timedelta | None = None,
    account_id: int | None = None,
) -> tuple[ApiToken, str]:
    """Without scopes: all that the role allows."""
    return create_token(
        membership,
        name="test",
        scopes=scopes or allowed_scopes(membership.role_kind),
        expires_in=expires_in,
        account_id=account_id,
    )


def bot(membership: Membership, *scopes: Scope, account_id: int | None = None) -> APIClient:
    """An API client that sends a token of that person."""
    client = APIClient()
    _, text = token(membership, *scopes, account_id=account_id)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client
