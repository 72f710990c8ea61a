"""The admin: for whoever runs the installation, across its workspaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django_scopes import scopes_disabled

View = Callable[..., HttpResponseBase]


class BookAdminSite(AdminSite):
    """The one place without a workspace's scope, and only for superusers: a view inside has already been let in."""

    site_header = site_title = "Fillbook"
    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and bool(request.user.is_superuser)

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        return super().admin_view(_across_workspaces(view), cacheable)


class BookAdminConfig(SimpleAdminConfig):
    """What the admin shows is imported with the addresses: workers never come to need it."""

    default_site = "config.admin_site.BookAdminSite"

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_with_addresses, checks.Tags.admin)


def _check_with_addresses(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> list[checks.CheckMessage]:
    import_module(settings.ROOT_URLCONF)
    return check_admin_app(app_configs)


def _across_workspaces(view: View) -> View:
    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with scopes_disabled():
            response = view(request, *args, **kwargs)
            if isinstance(response, TemplateResponse):
                # Lists are read while the page is written, which would otherwise happen outside.
                response.render()
            return response

    return inner
