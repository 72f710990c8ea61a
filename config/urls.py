"""Every address. Apps hold their own; none ends in a slash but the admin's and those of allauth."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.health import health
from config.metrics import metrics
from config.schema import DocsView, SchemaView

APPS = (
    ("api/", "journal.api.urls"),
    ("api/", "journal.tools.api_urls"),
    ("api/", "reconciliation.api.urls"),
    ("api/", "learning.api.urls"),
    ("", "accounts.urls"),
    ("", "journal.urls"),
    ("", "reconciliation.urls"),
    ("", "learning.urls"),
    ("", "journal.tools.urls"),
    ("", "accounts.oauth_urls"),
)

# JSON under /api, pages elsewhere.
handler404 = "common.middleware.not_found"
handler500 = "common.middleware.server_error"

admin.autodiscover()

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("api/schema", SchemaView.as_view(), name="api-schema"),
    path("api/docs", DocsView.as_view(), name="api-docs"),
    *(path(prefix, include(module)) for prefix, module in APPS if find_spec(module)),
]
