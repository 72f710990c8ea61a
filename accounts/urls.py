from django.urls import path

from accounts.views import assistants, members, settings, tokens, workspaces

app_name = "accounts"

urlpatterns = [
    path("settings", settings.profile, name="settings"),
    path("settings/security", settings.security, name="security"),
    path("settings/workspace", settings.workspace, name="workspace"),
    path("settings/tokens", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:token_id>/revoke", tokens.revoke, name="token-revoke"),
    path("settings/assistants", assistants.assistants, name="assistants"),
    path(
        "settings/assistants/<int:assistant_id>/revoke",
        assistants.revoke,
        name="assistant-revoke",
    ),
    path("settings/members", members.members, name="members"),
    path("settings/members/leave", members.leave, name="member-leave"),
    path("settings/members/<int:membership_id>/role", members.role, name="member-role"),
    path("settings/members/<int:membership_id>/remove", members.remove, name="member-remove"),
    path(
        "settings/invitations/<int:invitation_id>/withdraw",
        members.withdraw,
        name="invitation-withdraw",
    ),
    path("workspaces/new", workspaces.create, name="workspace-create"),
    path("workspaces/<int:workspace_id>/switch", workspaces.switch, name="workspace-switch"),
    path("people/invitations/<str:token>", workspaces.open_invitation, name="invitation-open"),
    path("people/invitation", workspaces.invitation, name="invitation"),
]
