"""What may stand behind the `?` of an address."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rest_framework.request import Request
from rest_framework.serializers import MultipleChoiceField, Serializer

from telepath.core.errors import DomainError


class UnknownParameter(DomainError):
    """A filter that does not exist must not be answered with everything."""

    default_code = "unknown_parameter"

    def __init__(self, unknown: Collection[str], known: Collection[str]) -> None:
        names = ", ".join(f"'{name[:40]}'" for name in sorted(unknown))
        offered = ", ".join(sorted(known)) or "none"
        super().__init__(f"This list has no parameter {names}. It has: {offered}.")


class RepeatedParameter(DomainError):
    """Of two values for one question, none is the one that was meant."""

    default_code = "repeated_parameter"


def require_known(request: Request, known: Collection[str]) -> None:
    """Raise `UnknownParameter` (400) when the address names any other parameter than these."""
    unknown = set(request.query_params) - set(known)
    if unknown:
        raise UnknownParameter(unknown, known)


def require_once(request: Request, names: Collection[str]) -> None:
    """Raise `RepeatedParameter` (400) when one of these is given more than once."""
    for name in names:
        if len(request.query_params.getlist(name)) > 1:
            raise RepeatedParameter(f"The parameter '{name}' is given more than once.")


def asked(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """The parameters that `serializer` names, checked in their shape, the empty ones too.

    Raises DRF's ValidationError (422), `RepeatedParameter` (400).
    """
    fields, given = serializer().fields, request.query_params
    lists = {name for name, field in fields.items() if isinstance(field, MultipleChoiceField)}
    require_once(request, set(fields) - lists)
    names = set(fields) & set(given)
    form = serializer(
        data={name: given.getlist(name) if name in lists else given[name] for name in names}
    )
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = form.validated_data
    return values
