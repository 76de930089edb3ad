"""Pages of the API's lists."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class NewestFirst(CursorPagination):
    """By cursor: a page costs the same however deep, and nothing shifts when rows arrive.

    Identifiers grow with time (UUID version 7, or a counter), so the newest is the largest.
    """

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
