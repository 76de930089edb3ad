"""The pages, and how a person of each role reaches them by following links."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import resolve

from tests.permissions import ROUTES

CLINIC, READER, ADMIN, LAB, SITE, NOBODY = "clinic", "reader", "admin", "lab", "site", ""


@dataclass(frozen=True, slots=True)
class Page:
    """`path` is opened as `who`; then each selector of `follow` is clicked, if a row is there.

    shows: the route that it ends at, where links are followed; "" stands for the path's own.
    confirms: whether the password is asked for once more on the way.
    """

    name: str
    who: str
    path: str
    follow: tuple[str, ...] = ()
    shows: str = ""
    confirms: bool = False

    @property
    def route(self) -> str:
        """The name of the route whose page is looked at."""
        return self.shows or resolve(self.path.partition("?")[0]).view_name


_MINE = "/cases/?status=in_review&mine=on"
_DRAFT = "/cases/?status=draft"
_SIGNED = "/cases/?status=signed"
_AMENDED = "/cases/?status=amended"
_AMENDING = "/cases/?status=amending"
_FIRST = "tbody#rows th a"
_ROW = "tbody th a"
_OLD = "a:text('Version 1')"
_REPORT = ("#head a.button-primary[data-key=r]",)
_CELL = "[data-cell] >> nth=4"
_DETAIL = "cases:case_detail"


def _case(name: str, who: str, address: str, *more: str, shows: str = _DETAIL) -> Page:
    """The first case of a list, and where links lead from it."""
    return Page(name, who, address, (_FIRST, *more), shows)


PAGES = (
    Page("sign-in", NOBODY, "/account/login/"),
    Page("password-forgotten", NOBODY, "/account/password/reset/"),
    Page("password-forgotten-sent", NOBODY, "/account/password/reset/done/"),
    Page("password-link-old", NOBODY, "/account/password/reset/key/1-no-such-key/"),
    Page("password-chosen", NOBODY, "/account/password/reset/key/done/"),
    Page("account-inactive", NOBODY, "/account/inactive/"),
    Page("sign-up-closed", NOBODY, "/account/signup/"),
    Page("invitation-gone", NOBODY, "/invitation/1/no-such-token/"),
    Page("api", NOBODY, "/api/"),
    Page("clinic-profile", CLINIC, "/profile/"),
    Page("clinic-password", CLINIC, "/account/password/change/"),
    Page("clinic-two-step", CLINIC, "/account/2fa/"),
    Page("clinic-two-step-app", CLINIC, "/account/2fa/totp/activate/", confirms=True),
    Page("clinic-confirm", CLINIC, "/account/reauthenticate/"),
    Page("clinic-log-off", CLINIC, "/account/logout/"),
    Page("clinic-signed-in-again", CLINIC, "/signed-in/"),
    Page("clinic-cases", CLINIC, "/cases/"),
    Page("clinic-cases-empty", CLINIC, "/cases/?q=nothing-like-this"),
    Page("clinic-patients", CLINIC, "/patients/"),
    Page("clinic-patient", CLINIC, "/patients/", (_ROW,), "cases:patient_detail"),
    Page("clinic-patient-edit", CLINIC, "/patients/", (_ROW, "a[href$='/edit/']"),
         "cases:patient_edit"),
    Page("clinic-patient-new", CLINIC, "/patients/new/"),
    Page("clinic-patient-refused", CLINIC, "/patients/new/", ("#patient .button-primary",),
         "cases:patient_new"),
    Page("clinic-case-new", CLINIC, "/patients/", (_ROW, "a.button-primary"), "cases:case_new"),
    *(
        _case(f"clinic-case-{status}", CLINIC, f"/cases/?status={status}")
        for status in ("draft", "analysing", "ready", "returned", "signed", "amended", "cancelled")
    ),
    _case("clinic-case-edit", CLINIC, _DRAFT, "a[href$='/edit/'] >> nth=0",
          shows="cases:case_edit"),
    _case("clinic-case-cancel", CLINIC, _DRAFT, "a:text('Cancel the case')",
          shows="cases:case_cancel"),
    Page("clinic-not-there", CLINIC, "/cases/00000000-0000-7000-8000-000000000000/"),
    Page("clinic-not-allowed", CLINIC, "/people/"),
    Page("reader-queue", READER, "/queue/"),
    Page("reader-profile", READER, "/profile/"),
    _case("reader-case-ready", READER, "/cases/?status=ready"),
    _case("reader-review", READER, _MINE),
    _case("reader-review-cell", READER, _MINE, _CELL),
    _case("reader-review-evidence", READER, _MINE, _CELL, "#order-switch", "#map-switch"),
    _case("reader-keys", READER, _MINE, "[data-keys-open]"),
    _case("reader-return", READER, _MINE, "a:text('Return to clinic')", shows="cases:case_return"),
    _case("reader-sign", READER, _MINE, "#head a[data-key=s]", shows="cases:case_sign"),
    _case("reader-report", READER, _SIGNED, *_REPORT, shows="cases:report_detail"),
    _case("reader-report-2", READER, _AMENDED, *_REPORT, shows="cases:report_detail"),
    _case("reader-report-superseded", READER, _AMENDED, *_REPORT, _OLD,
          shows="cases:report_detail"),
    _case("reader-amending", READER, _AMENDING),
    _case("reader-abandon", READER, _AMENDING, "a:text('Give the')", shows="cases:case_abandon"),
    _case("reader-append", READER, _SIGNED, "a:text('Add to')", shows="cases:case_append"),
    _case("reader-amend", READER, _AMENDING, "#head a[data-key=s]", shows="cases:case_amend"),
    Page("reader-model", READER, "/models/", (_ROW,), "inference:model_detail"),
    Page("admin-people", ADMIN, "/people/"),
    Page("admin-person", ADMIN, "/people/", ("tbody a",), "accounts:user_detail"),
    Page("admin-invite", ADMIN, "/people/invite/"),
    Page("admin-organisations", ADMIN, "/organisations/"),
    Page("admin-organisation", ADMIN, "/organisations/", (_ROW,), "accounts:organisation_detail"),
    Page("admin-agreement-end", ADMIN, "/organisations/", (_ROW, "a:text('End')"),
         "cases:agreement_end"),
    Page("admin-audit", ADMIN, "/audit/"),
    Page("admin-tokens", ADMIN, "/tokens/"),
    Page("admin-token-new", ADMIN, "/tokens/new/"),
    Page("admin-models", ADMIN, "/models/"),
    Page("admin-model", ADMIN, "/models/", (_ROW,), "inference:model_detail"),
    Page("admin-work", ADMIN, "/models/work/"),
    Page("admin-cases", ADMIN, "/cases/"),
    Page("admin-patients", ADMIN, "/patients/"),
    Page("admin-patient-access", ADMIN, "/patients/", (_ROW, "a[href$='/access/']"),
         "cases:patient_access"),
    _case("admin-assign", LAB, "/cases/?status=ready", "a:text('Assign')",
          shows="cases:case_assign"),
    Page("lab-cases", LAB, "/cases/"),
    Page("lab-queue", LAB, "/queue/"),
    Page("lab-letterhead", LAB, "/organisations/", (_ROW, "a:text('Letterhead')"),
         "accounts:letterhead"),
    Page("site-cases", SITE, "/cases/"),
    Page("site-organisation-new", SITE, "/organisations/new/"),
    Page("site-model", SITE, "/models/", (_ROW,), "inference:model_detail"),
    Page("site-models-compare", SITE, "/models/compare/"),
)  # fmt: skip

NO_PAGE = frozenset(
    {
        "cases:home",  # leads on to the list of whoever comes
        "cases:queue_next",  # leads on to a case
        "account_set_password",  # leads on: everybody has a password
        "mfa_authenticate",  # leads on where no second step is asked for
        "mfa_reauthenticate",  # the same
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        # Parts of pages, which those pages show.
        "cases:patient_cases",
        "cases:case_rows",
        "cases:case_todo",
        "cases:case_state",
        "cases:case_notes",
        "cases:case_sending",
        "cases:critical_banner",
        "cases:critical_panel",
        "cases:case_images",
        "cases:case_aside",
        "cases:case_cells",
        "cases:queue_rows",
        "cases:cell_evidence",
        # Files, pictures and data.
        "cases:report_pdf",
        "cases:report_json",
        "cases:image_display",
        "cases:image_thumbnail",
        "cases:image_original",
        "cases:image_dzi",
        "cases:image_tile",
        "cases:image_cells",
        "cases:cell_crop",
        "cases:live_since",
        "accounts:letterhead_logo",
        "accounts:audit_csv",
        "accounts:audit_proof",
        "health_live",
        "health_ready",
    }
)
"""Routes of the permission table that are asked for by GET and are no page of their own."""


_ASKED_AND_SENT = frozenset({"cases:case_cancel", "cases:case_return", "cases:case_abandon"})
"""Pages whose row in the table tries what they send."""


def pages_of_the_table() -> frozenset[str]:
    """Every route of a page, by the permission table: what must be looked at."""
    asked = {name for name, row in ROUTES.items() if row.method == "get"} - NO_PAGE
    return frozenset(asked - _of_machines()) | _ASKED_AND_SENT


def _of_machines() -> frozenset[str]:
    """The API's routes, whose names have a hyphen; its own page has one too."""
    return frozenset(name for name in ROUTES if "-" in name) - {"api-docs"}
