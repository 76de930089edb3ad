"""The permission table of addresses: one row for every route, who is let in, who may not even know.

Rows are read by tests/test_permissions.py, which walks the URL conf; a route without a row fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

CLINIC = frozenset({"submitter", "colleague"})
READERS = frozenset({"first_reader", "second_reader"})
CLINIC_ADMIN = frozenset({"administrator"})
LAB_ADMIN = frozenset({"laboratory_administrator"})
ADMINS = CLINIC_ADMIN | LAB_ADMIN
INSIDERS = CLINIC | READERS | ADMINS
OUTSIDERS = frozenset({"outsider", "outside_reader"})
EVERYBODY = INSIDERS | OUTSIDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Who gets what from one route.

    allowed: get an answer of the page itself (2xx, 3xx inside, 409, 422).
    forbidden: see the thing, but get 403. Everybody else signed in gets 404.
    anonymous: "login" (sent to sign in, or 401), or "open".
    """

    allowed: frozenset[str]
    forbidden: frozenset[str] = frozenset()
    anonymous: str = "login"
    method: str = "get"
    data: Mapping[str, str] = field(default_factory=dict)
