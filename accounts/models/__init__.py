from accounts.models.assistants import Assistant
from accounts.models.tokens import TOKEN_PREFIX, ApiToken
from accounts.models.users import Locale, LowercaseEmailField, Theme, User
from accounts.models.workspaces import Invitation, Membership, Workspace

__all__ = [
    "TOKEN_PREFIX",
    "ApiToken",
    "Assistant",
    "Invitation",
    "Locale",
    "LowercaseEmailField",
    "Membership",
    "Theme",
    "User",
    "Workspace",
]
