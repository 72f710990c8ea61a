"""What a request carries once a person is known. Views annotate with it, nobody constructs it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Membership, User, Workspace
from common.errors import Forbidden

# Where the session keeps the secret of an invitation until the person has signed up or in.
INVITATION_KEY = "invitation_token"
# Where the session keeps which workspace is open.
WORKSPACE_KEY = "workspace_id"


class PersonRequest(HttpRequest):
    """Signed in; perhaps without a workspace."""

    user: User
    htmx: HtmxDetails
    workspace: Workspace | None
    membership: Membership | None


class WorkspaceRequest(PersonRequest):
    """Signed in, in a workspace: every view that is not marked `workspace_optional`."""

    workspace: Workspace
    membership: Membership


def require_writer(membership: Membership) -> None:
    if not membership.can_write:
        raise Forbidden(
            "viewer_cannot_write",
            f"You may look at {membership.workspace} but not change it. "
            "An owner can make you a trader.",
        )


def require_owner(membership: Membership) -> None:
    if not membership.is_owner:
        raise Forbidden("owner_only", f"Only an owner of {membership.workspace} can do this.")
