"""The permission table of live audiences, beside that of addresses (tests/permissions.py).

One row for each audience of the test's world, named as "kind:row"; who is not named is told that it
is not there. Read by tests/adversary/test_sockets.py for the socket and for its fallback alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.permissions import CLINIC, CLINIC_ADMIN, INSIDERS, LAB_ADMIN, NOBODY, READERS

AUDIENCES: Mapping[str, frozenset[str]] = {
    "case:case": INSIDERS,
    "case:foreign_case": frozenset({"outsider", "outside_reader"}),
    "case:nothing": NOBODY,
    "organisation:clinic": CLINIC | CLINIC_ADMIN,
    "organisation:laboratory": READERS | LAB_ADMIN,
    "organisation:other_clinic": frozenset({"outsider"}),
    "organisation:nothing": NOBODY,
    "user:submitter": frozenset({"submitter"}),
    "user:first_reader": frozenset({"first_reader"}),
    "user:site_administrator": frozenset({"site_administrator"}),
}
