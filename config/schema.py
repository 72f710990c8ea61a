"""The API as OpenAPI for programs and as a page for people. Neither says anything of anybody's data."""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """The same for everybody, so nobody has to sign in."""

    authentication_classes: list[type] = []


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files. Its script is a second request, as the content policy wants it."""

    authentication_classes: list[type] = []
    template_name = "api_docs.html"
    url_name = "api-schema"
