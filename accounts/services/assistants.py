"""Assistants let into a workspace, and shown out again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, RefreshToken, clear_expired

from accounts.models import Assistant, Membership, User
from accounts.oauth.redirects import is_safe_redirect
from accounts.oauth.scopes import OFFERED, naming
from accounts.scopes import Scope, allowed_scopes
from accounts.services.tokens import USE_NOTED_EVERY
from common.errors import Forbidden, Rejected

# So long a program that registered itself may wait for somebody to let it in.
_IDLE_KEPT = timedelta(days=2)


@transaction.atomic
def let_in(membership: Membership, application: Any, scopes: Collection[Scope]) -> Assistant:
    """Raises Rejected without a scope, and Forbidden for what the person may not give."""
    if not scopes:
        words = "Choose at least one thing that the assistant may do."
        raise Rejected("assistant_without_scope", words, {"scopes": [words]})
    beyond = sorted(set(scopes) - (allowed_scopes(membership.role_kind) & set(OFFERED)))
    if beyond:
        words = f"A {membership.role} cannot allow {', '.join(beyond)}."
        raise Forbidden("scope_beyond_role", words, {"scopes": [words]})
    return Assistant.objects.create(
        user=membership.user,
        workspace=membership.workspace,
        application=application,
        name=str(application)[:255],
        scopes=sorted(scope.value for scope in scopes),
    )


@transaction.atomic
def show_out(assistant: Assistant) -> None:
    """For good. Its tokens are deleted; another consent makes another assistant. Twice changes nothing."""
    Assistant.objects.filter(pk=assistant.pk, revoked_at=None).update(revoked_at=timezone.now())
    word = rf"(^|\s){naming(assistant.pk)}(\s|$)"
    tokens = AccessToken.objects.filter(scope__regex=word, user=assistant.user_id)
    RefreshToken.objects.filter(access_token__in=tokens, revoked=None).update(
        revoked=timezone.now()
    )
    tokens.delete()


def keep_code(assistant_id: int, code: str, proof: str) -> None:
    """That this code let the assistant in, as a digest."""
    Assistant.objects.filter(pk=assistant_id).update(code_digest=_digest(code, proof))


def end_by_code(application: Any, code: str, proof: str) -> None:
    """Shows out whom a code let in that comes a second time with its proof (RFC 6749, 4.1.2). Without the proof it ends
    nothing: an address that was overheard holds the code alone."""
    used = Assistant.objects.filter(application=application, code_digest=_digest(code, proof))
    for assistant in used:
        show_out(assistant)


def _digest(code: str, proof: str) -> str:
    return sha256(f"{code} {proof}".encode()).hexdigest()


def register_program(user: User, *, name: str, redirect_uri: str) -> Any:
    """A client that a person enters by hand, for programs that do not register themselves. It has no secret: it proves
    itself by PKCE. Raises Rejected."""
    if not is_safe_redirect(redirect_uri):
        words = "It begins with https, or with http on your own machine (localhost)."
        raise Rejected("redirect_unsafe", words, {"redirect_uri": [words]})
    return Application.objects.create(
        user=user,
        name=name,
        redirect_uris=redirect_uri,
        client_type=Application.CLIENT_PUBLIC,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
    )


def forget_expired(*, now: datetime) -> int:
    """Tokens that are over, and programs that registered themselves and were let in by nobody; says how many."""
    clear_expired()
    with_assistant = Assistant.objects.filter(application=OuterRef("pk"))
    idle = Application.objects.exclude(registration_source="manual").filter(
        ~Exists(with_assistant), created__lt=now - _IDLE_KEPT
    )
    deleted, _ = idle.delete()
    return int(deleted)


def note_use(assistant: Assistant) -> None:
    """With at most one write a minute."""
    now = timezone.now()
    stale = now - USE_NOTED_EVERY
    if assistant.last_used_at is not None and assistant.last_used_at > stale:
        return
    Assistant.objects.filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lte=stale), pk=assistant.pk
    ).update(last_used_at=now)
