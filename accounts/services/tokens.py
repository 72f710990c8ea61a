"""Keys for bots and scripts."""

from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.bindings import list_bindable
from accounts.models import ApiToken, Membership
from accounts.scopes import Scope, allowed_scopes
from common.errors import Forbidden, Rejected

USE_NOTED_EVERY = timedelta(minutes=1)


def parse_scopes(words: Collection[str]) -> frozenset[Scope]:
    known = {scope.value for scope in Scope}
    unknown = sorted(set(words) - known)
    if unknown:
        text = f"Unknown scope: {', '.join(unknown)}. Known are {', '.join(sorted(known))}."
        raise Rejected("unknown_scope", text, {"scopes": [text]})
    return frozenset(Scope(word) for word in words)


@transaction.atomic
def create_token(
    membership: Membership,
    *,
    name: str,
    scopes: Collection[Scope],
    expires_in: timedelta | None = None,
    account_id: int | None = None,
    needs_approval: bool = False,
) -> tuple[ApiToken, str]:
    """Returns the token's record and its text, which cannot be read again.

    `account_id` binds it to one broker account of the workspace. `needs_approval`: a person must approve what its bot
    recommends before the bot acts on it. Raises Rejected with `fields`.
    """
    _check_scopes(membership, scopes)
    _check_account(membership, account_id)
    if not name.strip():
        text = "Give the token a name by which you will know it."
        raise Rejected("token_without_name", text, {"name": [text]})
    if expires_in is not None and expires_in <= timedelta(0):
        text = "A token must expire in the future."
        raise Rejected("token_expired_at_birth", text, {"expires": [text]})
    return ApiToken.objects.issue(
        expires_in=expires_in,
        user=membership.user,
        workspace=membership.workspace,
        name=name.strip(),
        scopes=sorted(scope.value for scope in scopes),
        account_id=account_id,
        needs_approval=needs_approval,
    )


def _check_scopes(membership: Membership, scopes: Collection[Scope]) -> None:
    if not scopes:
        text = "Choose at least one thing that the token may do."
        raise Rejected("token_without_scope", text, {"scopes": [text]})
    beyond = sorted(set(scopes) - allowed_scopes(membership.role_kind))
    if beyond:
        raise Forbidden(
            "scope_beyond_role",
            f"A {membership.role} cannot give a token {', '.join(beyond)}.",
            {"scopes": [f"Not allowed to a {membership.role}: {', '.join(beyond)}."]},
        )


def _check_account(membership: Membership, account_id: int | None) -> None:
    known = () if account_id is None else list_bindable(membership.workspace_id)
    if account_id is not None and account_id not in {account.id for account in known}:
        text = f"There is no such broker account in {membership.workspace}."
        raise Rejected("account_not_found", text, {"account": [text]})


@transaction.atomic
def revoke_token(token: ApiToken) -> None:
    """For good: a revoked token never works again. Revoking twice changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def is_live(token: ApiToken) -> bool:
    return token.is_live(timezone.now())


def note_use(token: ApiToken) -> None:
    """Remember that the token was used, with at most one write a minute."""
    now = timezone.now()
    stale = now - USE_NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > stale:
        return
    # The filter lets one of several simultaneous requests write.
    ApiToken.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=stale), pk=token.pk
    ).update(last_used_at=now)
