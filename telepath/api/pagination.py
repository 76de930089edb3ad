"""Pages of the API's lists."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from telepath.api.queries import require_known, require_once
from telepath.core.errors import Invalid

_DIGITS = 4


class NewestFirst(CursorPagination):
    """By cursor: a page costs the same however deep, and nothing shifts when rows arrive.

    Identifiers grow with time (UUID version 7, or a counter), so the newest is the largest.
    """

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        """404 for a cursor that was never given out: its place must be a key of these rows.

        400 for a parameter that the view does not name in its `parameters`.
        """
        own = {self.cursor_query_param, str(self.page_size_query_param)}
        require_known(request, own | set(getattr(view, "parameters", ())))
        require_once(request, own)
        self._check_cursor(queryset.model, request)
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request: Request) -> int:
        """The number that was asked for. Raises `Invalid` when it cannot be had."""
        given = request.query_params.get(str(self.page_size_query_param))
        if given is None:
            return self.page_size
        is_number = given.isascii() and given.isdecimal() and len(given) <= _DIGITS
        if not is_number or not 1 <= int(given) <= self.max_page_size:
            raise Invalid(f"Ask for 1 to {self.max_page_size} rows.", field="page_size")
        return int(given)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """As DRF says it, with the borders of the number of rows."""
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        borders = {"type": "integer", "minimum": 1, "maximum": self.max_page_size}
        own = str(self.page_size_query_param)
        return [{**one, "schema": borders} if one["name"] == own else one for one in found]

    def _check_cursor(self, model: type[Model], request: Request) -> None:
        cursor = self.decode_cursor(request)
        if cursor is None or cursor.position is None:
            return
        try:
            model._meta.pk.to_python(cursor.position)
        except ValidationError as fault:
            raise NotFound(self.invalid_cursor_message) from fault
