"""The permission table of addresses: one row for every route, who is let in, who may not even know.

Rows are read by tests/test_permissions.py, which walks the URL conf; a route without a row fails.
The case of the test's world is in review and assigned to `first_reader`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CLINIC = frozenset({"submitter", "colleague"})
ASSIGNED = frozenset({"first_reader"})
READERS = ASSIGNED | {"second_reader"}
CLINIC_ADMIN = frozenset({"administrator"})
LAB_ADMIN = frozenset({"laboratory_administrator"})
SITE_ADMIN = frozenset({"site_administrator"})
ADMINS = CLINIC_ADMIN | LAB_ADMIN
INSIDERS = CLINIC | READERS | ADMINS
OUTSIDERS = frozenset({"outsider", "outside_reader"})
EVERYBODY = INSIDERS | OUTSIDERS | SITE_ADMIN
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Who gets what from one route.

    allowed: get an answer of the page itself (2xx, 3xx inside, 405, 409, 410, 422).
    forbidden: see the thing, but get 403. Everybody else who signed in gets 404.
    anonymous: "login" (sent to sign in, or 401), "open", or "hidden".
    about: the row of the world that fills the key in the address.
    """

    allowed: frozenset[str]
    forbidden: frozenset[str] = NOBODY
    anonymous: str = "login"
    method: str = "get"
    about: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)


def page(allowed: frozenset[str] = EVERYBODY, **more: Any) -> Row:
    """A page that is about no single row: whoever is not let in gets 403."""
    return Row(allowed=allowed, **{"forbidden": EVERYBODY - allowed, **more})


def seen(about: str, **more: Any) -> Row:
    """Something of the clinic that all its people and its readers may see."""
    return Row(allowed=INSIDERS, about=about, **more)


def done(allowed: frozenset[str], about: str = "case", **more: Any) -> Row:
    """Something that some of those who see it may do."""
    return Row(
        allowed=allowed, forbidden=INSIDERS - allowed, about=about, **{"method": "post", **more}
    )


_FIRST = {"number": 1}
_TILE = {"level": 0, "column": 0, "row": 0}

_CASES = {
    "home": page(),
    "still_here": page(method="post"),
    "back_again": page(),
    "patient_list": page(),
    "patient_new": page(CLINIC | {"outsider"}),
    "patient_detail": seen("patient"),
    "patient_edit": done(CLINIC, "patient", method="get"),
    "patient_cases": seen("patient"),
    "case_new": done(CLINIC, "patient", method="get"),
    "case_list": page(),
    "case_rows": page(),
    "case_detail": seen("case"),
    "case_edit": done(CLINIC, method="get"),
    "case_state": seen("case"),
    "case_images": seen("case"),
    "case_aside": seen("case"),
    "cells_correct": done(ASSIGNED),
    "case_cells": seen("case"),
    "case_submit": done(CLINIC),
    "case_cancel": done(CLINIC | ADMINS),
    "case_return": done(ASSIGNED),
    "case_claim": done(READERS),
    "case_release": done(ASSIGNED),
    "case_retry": done(INSIDERS),
    "case_sign": done(ASSIGNED, method="get"),
    "case_amend": done(READERS, method="get"),
    "queue": page(),
    "queue_rows": page(),
    "report_detail": seen("case", extra=_FIRST),
    "report_pdf": seen("case", extra=_FIRST),
    "report_json": seen("case", extra=_FIRST),
    "image_remove": done(CLINIC, "image"),
    "image_display": seen("image"),
    "image_thumbnail": seen("image"),
    "image_original": seen("image"),
    "image_dzi": seen("image"),
    "image_tile": seen("image", extra=_TILE),
    "image_cells": seen("image"),
    "cell_crop": seen("cell"),
    "live_since": Row(allowed=NOBODY, data={"audience": "case:0", "since": "0"}),
}

_ACCOUNTS = {
    "profile": page(),
    "sign_out_everywhere": page(method="post"),
    "invitation": Row(
        allowed=EVERYBODY, anonymous="open", extra={"key": "1", "token": "no-such-token"}
    ),
    "user_list": page(ADMINS | SITE_ADMIN),
    "user_invite": page(ADMINS | SITE_ADMIN),
    "user_detail": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person"),
    "user_deactivate": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person", method="post"),
    "user_activate": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person", method="post"),
    "user_sign_out": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person", method="post"),
    "invitation_repeat": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person", method="post"),
    "role_take": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="membership", method="post"),
    "organisation_list": page(ADMINS | SITE_ADMIN),
    "organisation_new": page(SITE_ADMIN),
    "organisation_detail": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="clinic"),
    "agreement_make": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="clinic", method="post"),
    "agreement_end": Row(allowed=ADMINS | SITE_ADMIN, about="agreement", method="post"),
    "token_list": page(ADMINS | SITE_ADMIN),
    "token_new": page(ADMINS),
    "token_revoke": Row(allowed=CLINIC_ADMIN, about="token", method="post"),
    "audit_log": page(ADMINS | SITE_ADMIN),
    "audit_csv": page(ADMINS | SITE_ADMIN),
}

_INFERENCE = {
    "model_list": page(),
    "work_status": page(ADMINS | SITE_ADMIN),
    "model_detail": page(about="model"),
    "model_activate": page(SITE_ADMIN, about="model", method="post"),
    "model_retire": page(SITE_ADMIN, about="model", method="post"),
}

ROUTES: Mapping[str, Row] = {
    **{f"cases:{name}": row for name, row in _CASES.items()},
    **{f"accounts:{name}": row for name, row in _ACCOUNTS.items()},
    **{f"inference:{name}": row for name, row in _INFERENCE.items()},
}
