"""Addresses of OAuth, under the names by which django-oauth-toolkit knows them."""

from django.urls import path
from oauth2_provider.views import OAuthServerMetadataView, RevokeTokenView, TokenView

from accounts.middleware import workspace_optional
from accounts.oauth.registering import Management, Registration
from accounts.oauth.sound import sound
from accounts.views.assistants import Consent, ResourceMetadata

app_name = "oauth2_provider"

_KNOWN = ".well-known/oauth"
_resource = workspace_optional(ResourceMetadata.as_view())
_server = workspace_optional(OAuthServerMetadataView.as_view())
_management = workspace_optional(Management.as_view())

urlpatterns = [
    path(f"{_KNOWN}-authorization-server", _server, name="oauth-server-metadata"),
    path(f"{_KNOWN}-protected-resource", _resource, name="oauth-resource-metadata"),
    path(
        f"{_KNOWN}-protected-resource/<path:resource_path>",
        _resource,
        name="oauth-resource-metadata-path",
    ),
    path("oauth/authorize", Consent.as_view(), name="authorize"),
    path("oauth/token", workspace_optional(sound(TokenView.as_view())), name="token"),
    path("oauth/revoke", workspace_optional(sound(RevokeTokenView.as_view())), name="revoke-token"),
    path("oauth/register", workspace_optional(Registration.as_view()), name="dcr-register"),
    path("oauth/register/<str:client_id>", _management, name="dcr-register-management"),
]
