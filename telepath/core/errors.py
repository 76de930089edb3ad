"""Exceptions with an outcome: what the reader is told, and whether trying again can help.

Only the text of these classes ever reaches a user. Any other exception is a defect: it is logged
whole and shown as one neutral sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DomainError(Exception):
    """Something that the person can understand and usually mend. `message` is shown as it is."""

    status = 400
    default_code = "invalid"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code


class Invalid(DomainError):
    """What was entered cannot be used. `field` names the form field, if one is to blame."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.field = field

    @property
    def errors(self) -> dict[str, str]:
        """The sentence of each field that is to blame."""
        return {self.field: self.message} if self.field else {}


class InvalidFields(Invalid):
    """Several fields at once, so that nobody mends them one save after the other."""

    def __init__(self, found: list[Invalid]) -> None:
        super().__init__(" ".join(one.message for one in found), field=found[0].field)
        self._errors = {one.field: one.message for one in found if one.field}

    @property
    def errors(self) -> dict[str, str]:
        return self._errors


class Overtaken(InvalidFields):
    """Somebody changed the same fields while this person typed. now: all values as they are."""

    def __init__(self, found: list[Invalid], now: Mapping[str, Any]) -> None:
        super().__init__(found)
        self.now = now


class NotAllowed(DomainError):
    """The person may see the thing, but not do this to it."""

    status = 403
    default_code = "not_allowed"


class NotThere(DomainError):
    """It does not exist, or this person may not know that it does."""

    status = 404
    default_code = "not_found"

    def __init__(self, message: str = "There is nothing here that you may see.") -> None:
        super().__init__(message)


class Conflict(DomainError):
    """Somebody else was faster, or the thing has moved on."""

    status = 409
    default_code = "conflict"


class TooLarge(DomainError):
    """More bytes than the stated limit."""

    status = 413
    default_code = "too_large"


class Unavailable(DomainError):
    """A part of the platform does not answer at this moment; the same may work in a minute."""

    status = 503
    default_code = "unavailable"
    wait = 5
    """Seconds after which asking again makes sense (`Retry-After`)."""


class WorkError(Exception):
    """Base of what may end a background job. `message` is fit for a user."""

    def __init__(self, message: str, *, code: str = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class RetryLater(WorkError):
    """A passing fault: the same job may succeed later."""


class GiveUp(WorkError):
    """Trying again cannot help."""
