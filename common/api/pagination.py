"""Lists as {"next", "previous", "results"}, paged by key: page 10,000 costs what page 1 does."""

from __future__ import annotations

from typing import Any

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """A view names its order in `ordering` (a tuple), ending in `id` so that no two rows are equal."""

    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000
    ordering = "-id"

    def get_ordering(self, request: Any, queryset: Any, view: Any) -> tuple[str, ...]:
        return getattr(view, "ordering", ("-id",))
