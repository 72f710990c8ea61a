"""How people come to be here.

The first person of an installation administers it, however they came: by the sign-up page or by a
command. Two who sign up at the same moment wait for one another, so that only one is first.
"""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from accounts.locks import lock_installation
from accounts.models import User
from accounts.selectors import is_first_person
from accounts.services.invitations import accept_invitation, find_invitation
from accounts.services.workspaces import create_workspace
from common.errors import Conflict, Forbidden, Rejected


def may_sign_up(invitation_token: str = "") -> bool:
    """What ACCOUNTS_SIGNUP_OPEN says; the first person may always."""
    policy = settings.ACCOUNTS_SIGNUP_OPEN
    if policy == "open" or is_first_person():
        return True
    return policy == "invited" and find_invitation(invitation_token) is not None


@transaction.atomic
def create_user(
    email: str,
    *,
    password: str | None = None,
    name: str = "",
    zone: str = "UTC",
    is_admin: bool = False,
) -> User:
    """Somebody who can be trusted vouches for the address, so it counts as verified."""
    user = _add_person(email, password=password, name=name, zone=zone, is_admin=is_admin)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@transaction.atomic
def sign_up(
    email: str,
    *,
    password: str | None,
    name: str = "",
    zone: str = "UTC",
    invitation_token: str = "",
) -> User:
    """A new person with a workspace: the one they were invited to, else one of their own."""
    lock_installation()
    if not may_sign_up(invitation_token):
        raise Forbidden("signup_closed", "Sign-up is closed here. Ask for an invitation.")
    invitation = find_invitation(invitation_token)
    if invitation is not None and invitation.email != email.lower():
        raise Rejected(
            "invitation_for_other_address",
            f"The invitation is for {invitation.email}: sign up with that address.",
            {"email": [f"The invitation is for {invitation.email}."]},
        )
    user = _add_person(email, password=password, name=name, zone=zone, is_admin=False)
    if invitation is not None:
        accept_invitation(invitation_token, user=user)
    else:
        create_workspace(user, name=f"{user.display_name}’s journal")
    return user


def _add_person(email: str, *, password: str | None, name: str, zone: str, is_admin: bool) -> User:
    lock_installation()
    if User.objects.filter(email=email).exists():
        raise Conflict("email_taken", f"{email} already has an account here.")
    administers = is_admin or is_first_person()
    return User.objects.create_user(
        email,
        password,
        name=name,
        zone=zone,
        is_staff=administers,
        is_superuser=administers,
    )


@transaction.atomic
def set_password(user: User, *, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def make_administrator(user: User) -> None:
    user.is_staff = user.is_superuser = True
    user.save(update_fields=["is_staff", "is_superuser"])


@transaction.atomic
def change_preferences(user: User, *, name: str, zone: str, theme: str, locale: str) -> User:
    user.name, user.zone, user.theme, user.locale = name.strip(), zone, theme, locale
    user.full_clean(exclude=["password"])
    user.save(update_fields=["name", "zone", "theme", "locale"])
    return user
