"""What may stand behind the `?` of a list."""

from __future__ import annotations

from collections.abc import Collection

from rest_framework.request import Request

from telepath.core.errors import DomainError


class UnknownParameter(DomainError):
    """A filter that does not exist must not be answered with everything."""

    default_code = "unknown_parameter"

    def __init__(self, unknown: Collection[str], known: Collection[str]) -> None:
        names = ", ".join(f"'{name[:40]}'" for name in sorted(unknown))
        offered = ", ".join(sorted(known)) or "none"
        super().__init__(f"This list has no parameter {names}. It has: {offered}.")


def require_known(request: Request, known: Collection[str]) -> None:
    """Raise `UnknownParameter` (400) when the address names any other parameter than these."""
    unknown = set(request.query_params) - set(known)
    if unknown:
        raise UnknownParameter(unknown, known)
