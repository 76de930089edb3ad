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
QUEUE = READERS | ADMINS | {"outside_reader"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Who gets what from one route.

    allowed: get an answer of the page itself (2xx, 3xx inside, 400, 405, 409, 410, 422).
    forbidden: see the thing, but get 403. Everybody else who signed in gets 404.
    anonymous: "login" (sent to sign in, or 401), "open", or "forbidden" where no token can be.
    json: the data are sent as JSON, not as a form; below /api/ they always are.
    about: the row of the world that fills the key in the address.
    data: what a complete form sends; "{cell}" stands for the key of the world's cell.
    """

    allowed: frozenset[str]
    forbidden: frozenset[str] = NOBODY
    anonymous: str = "login"
    method: str = "get"
    json: bool = False
    about: str = ""
    data: Mapping[str, str | list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
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
    "patient_access": Row(allowed=ADMINS, forbidden=CLINIC | READERS | OUTSIDERS, about="patient"),
    "agreement_end": Row(allowed=ADMINS | SITE_ADMIN, about="agreement"),
    "patient_edit": done(CLINIC, "patient", method="get"),
    "patient_cases": seen("patient"),
    "case_new": done(CLINIC, "patient", method="get"),
    "case_list": page(),
    "case_rows": page(),
    "case_todo": page(),
    "case_detail": seen("case"),
    "case_edit": done(CLINIC, method="get"),
    "case_state": seen("case"),
    "case_notes": seen("case"),
    "case_sending": seen("case"),
    "critical_banner": page(),
    "critical_panel": seen("case"),
    "critical_acknowledge": done(CLINIC, data={"report": "1"}),
    "critical_telephone": done(READERS | ADMINS, data={"report": "1", "told_name": "Sister Agnes"}),
    "notice_choices": page(method="post"),
    "case_images": seen("case"),
    "case_aside": seen("case"),
    "reading_steps": done(ASSIGNED, json=True),
    "case_cells": seen("case"),
    "case_submit": done(CLINIC),
    "case_cancel": done(CLINIC | ADMINS),
    "case_assign": done(ADMINS, method="get"),
    "case_return": done(ASSIGNED),
    "case_claim": done(READERS),
    "case_release": done(ASSIGNED),
    "case_recall": done(CLINIC),
    "case_reopen": done(READERS),
    "case_abandon": done(READERS),
    "case_retry": done(INSIDERS),
    "case_pictures": done(ASSIGNED),
    "case_preview": done(ASSIGNED),
    "case_sign": done(ASSIGNED, method="get"),
    "case_amend": done(ASSIGNED, method="get"),
    "case_difference": done(ASSIGNED),
    "case_append": done(READERS, method="get"),
    "queue": page(QUEUE),
    "queue_rows": page(QUEUE),
    "queue_next": page(QUEUE),
    "filter_save": page(method="post", data={"page": "queue", "name": "Mine", "query": "mine=on"}),
    "filter_forget": Row(allowed=ASSIGNED, about="view", method="post"),
    "report_detail": seen("case", extra=_FIRST),
    "report_pdf": seen("case", extra=_FIRST),
    "report_json": seen("case", extra=_FIRST),
    "image_remove": done(CLINIC, "image"),
    "image_move": done(CLINIC, "image"),
    "image_display": seen("image"),
    "image_thumbnail": seen("image"),
    "image_original": seen("image"),
    "image_dzi": seen("image"),
    "image_tile": seen("image", extra=_TILE),
    "image_cells": seen("image"),
    "cell_crop": seen("cell"),
    "cell_evidence": seen("cell"),
    "live_since": Row(allowed=NOBODY, data={"audience": "case:0", "since": "0"}),
}

_ACCOUNTS = {
    "profile": page(),
    "sign_out_everywhere": page(method="post"),
    "invitation": Row(
        allowed=EVERYBODY, anonymous="open", extra={"key": "1", "token": "no-such-token"}
    ),
    "draft": page(method="delete", extra={"key": "a-draft"}),
    "user_list": page(ADMINS | SITE_ADMIN),
    "role_accept": Row(allowed=frozenset({"colleague"}), method="post", about="membership"),
    "role_decline": Row(allowed=frozenset({"colleague"}), method="post", about="membership"),
    "user_invite": page(ADMINS | SITE_ADMIN),
    "user_detail": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person"),
    "user_deactivate": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person", method="post"),
    "user_activate": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person", method="post"),
    "user_sign_out": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="person", method="post"),
    "invitation_repeat": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="membership", method="post"),
    "role_take": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="membership", method="post"),
    "organisation_list": page(ADMINS | SITE_ADMIN),
    "organisation_new": page(SITE_ADMIN),
    "organisation_detail": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="clinic"),
    "letterhead": Row(allowed=LAB_ADMIN | SITE_ADMIN, about="laboratory"),
    "letterhead_logo": Row(allowed=NOBODY, about="laboratory"),  # none is set in this world
    "agreement_make": Row(allowed=CLINIC_ADMIN | SITE_ADMIN, about="clinic", method="post"),
    "audit_verify": page(ADMINS | SITE_ADMIN, method="post"),
    "audit_proof": page(ADMINS | SITE_ADMIN),
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
    "model_compare": page(),
    "model_activate": page(SITE_ADMIN, about="model", method="post"),
    "model_roll_back": page(SITE_ADMIN, about="model", method="post"),
    "model_shadow": page(SITE_ADMIN, about="model", method="post"),
    "model_unshadow": page(SITE_ADMIN, about="model", method="post"),
    "model_retire": page(SITE_ADMIN, about="model", method="post"),
}

_WITHOUT_SECOND_FACTOR = Row(allowed=NOBODY)

_SIGN_IN = {
    "account_login": page(anonymous="open"),
    "account_logout": page(anonymous="open"),
    "account_inactive": page(anonymous="open"),
    "account_signup": page(anonymous="open"),
    "account_reauthenticate": page(),
    "account_change_password": page(),
    "account_set_password": page(),
    "account_reset_password": page(anonymous="open"),
    "account_reset_password_done": page(anonymous="open"),
    "account_reset_password_from_key": page(
        anonymous="open", extra={"uidb36": "1", "key": "no-such-key"}
    ),
    "account_reset_password_from_key_done": page(anonymous="open"),
    "mfa_index": page(),
    "mfa_authenticate": page(anonymous="open"),
    "mfa_reauthenticate": page(),
    "mfa_activate_totp": page(),
    "mfa_deactivate_totp": _WITHOUT_SECOND_FACTOR,
    "mfa_view_recovery_codes": _WITHOUT_SECOND_FACTOR,
    "mfa_generate_recovery_codes": page(),
    "mfa_download_recovery_codes": _WITHOUT_SECOND_FACTOR,
}

_SIGNATURE = {
    "password": "not the password",
    "meaning": "authorship",
    "conclusion": "suspected_all",
    "comment": "As discussed.",
}

_ADDENDUM = {"password": "not the password", "meaning": "authorship", "appends": "1"}

_API = {
    "api-docs": page(anonymous="open"),
    "api-schema": page(anonymous="open"),
    "api-nothing": Row(allowed=NOBODY, extra={"rest": "v1/nothing"}),
    "uploads": page(method="options"),
    "upload": done(CLINIC, "upload", method="head", headers={"Tus-Resumable": "1.0.0"}),
    "me-list": page(),
    "organisation-list": page(),
    "organisation-detail": Row(allowed=INSIDERS | SITE_ADMIN, about="clinic"),
    "audit-list": page(ADMINS | SITE_ADMIN),
    "model-list": page(),
    "model-detail": page(about="model"),
    "patient-list": page(),
    "patient-detail": seen("patient"),
    "case-list": page(),
    "case-detail": seen("case"),
    "case-abandon": done(READERS),
    "case-addenda": done(
        READERS,
        data={**_ADDENDUM, "text": "Seen again."},
        anonymous="forbidden",
    ),
    "case-amendments": done(
        READERS,
        data={**_SIGNATURE, "reason": "A cell was miscalled.", "replaces": "1"},
        anonymous="forbidden",
    ),
    "case-assign": done(ADMINS, data={"reader": "{reader}"}),
    "case-cancel": done(CLINIC | ADMINS, data={"reason_code": "duplicate"}),
    "case-cells": seen("case"),
    "case-checks": seen("case"),
    "case-claim": done(READERS),
    "case-corrections": done(ASSIGNED, data={"cells": ["{cell}"], "cell_class": "blast"}),
    "case-differential": seen("case"),
    "case-recall": done(CLINIC),
    "case-release": done(ASSIGNED),
    "case-reopen": done(READERS),
    "case-retry": done(INSIDERS),
    "case-send-back": done(ASSIGNED, data={"reason_code": "poor_stain"}),
    # The world's case has a report: who may read it is told so before anything else is asked.
    "case-signature": done(INSIDERS, data=_SIGNATURE, anonymous="forbidden"),
    "case-submit": done(CLINIC),
    "case-suggestion": seen("case"),
    "cell-detail": seen("cell"),
    "report-list": seen("case"),
    "report-detail": seen("case", extra=_FIRST),
    "report-document": seen("case", extra=_FIRST),
    "report-pdf": seen("case", extra=_FIRST),
    "image-list": page(),
    "image-detail": seen("image"),
    "queue-list": page(),
}

_HEALTH = {name: page(anonymous="open") for name in ("health_live", "health_ready")}

ROUTES: Mapping[str, Row] = {
    **_HEALTH,
    **_SIGN_IN,
    **_API,
    **{f"cases:{name}": row for name, row in _CASES.items()},
    **{f"accounts:{name}": row for name, row in _ACCOUNTS.items()},
    **{f"inference:{name}": row for name, row in _INFERENCE.items()},
}
