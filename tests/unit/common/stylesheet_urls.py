"""The addresses that the navigation knows, answered by nobody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


journal = [
    path("", nothing, name="dashboard"),
    *(
        path(name, nothing, name=name)
        for name in ("calendar", "trades", "accounts", "connections", "imports", "issues")
    ),
]
urlpatterns = [
    path("", include((journal, "journal"))),
    path("settings", include(([path("", nothing, name="settings")], "accounts"))),
    path("account/logout/", nothing, name="account_logout"),
]
