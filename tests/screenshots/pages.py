"""The pages, and how a person of each role reaches them by following links."""

from __future__ import annotations

from dataclasses import dataclass

CLINIC, READER, ADMIN, SITE, NOBODY = "clinic", "reader", "admin", "site", ""


@dataclass(frozen=True, slots=True)
class Page:
    """`path` is opened as `who`; then each selector of `follow` is clicked, if a row is there."""

    name: str
    who: str
    path: str
    follow: tuple[str, ...] = ()


_MINE = "/cases/?status=in_review&mine=on"
_DRAFT = "/cases/?status=draft"
_FIRST = "tbody#rows th a"
_OLD = "a:text('Version 1')"


def _case(status: str) -> tuple[str, tuple[str, ...]]:
    return f"/cases/?status={status}", (_FIRST,)


_REPORT = ("#head a.button-primary[data-key=r]",)

PAGES = (
    Page("sign-in", NOBODY, "/account/login/"),
    Page("clinic-cases", CLINIC, "/cases/"),
    Page("clinic-cases-empty", CLINIC, "/cases/?q=nothing-like-this"),
    Page("clinic-patients", CLINIC, "/patients/"),
    Page("clinic-patient", CLINIC, "/patients/", ("tbody th a",)),
    Page("clinic-patient-new", CLINIC, "/patients/new/"),
    Page("clinic-patient-refused", CLINIC, "/patients/new/", ("#patient .button-primary",)),
    Page("clinic-case-new", CLINIC, "/patients/", ("tbody th a", "a.button-primary")),
    *(
        Page(f"clinic-case-{status}", CLINIC, *_case(status))
        for status in ("draft", "analysing", "ready", "returned", "signed", "amended", "cancelled")
    ),
    Page("clinic-case-cancel", CLINIC, _DRAFT, (_FIRST, "a:text('Cancel the case')")),
    Page("clinic-not-there", CLINIC, "/cases/00000000-0000-7000-8000-000000000000/"),
    Page("reader-queue", READER, "/queue/"),
    Page("reader-case-ready", READER, *_case("ready")),
    Page("reader-review", READER, _MINE, (_FIRST,)),
    Page(
        "reader-review-cell",
        READER,
        _MINE,
        (_FIRST, "[data-cell] >> nth=4"),
    ),
    Page(
        "reader-review-evidence",
        READER,
        _MINE,
        (_FIRST, "[data-cell] >> nth=4", "#order-switch", "#map-switch"),
    ),
    Page("reader-keys", READER, _MINE, (_FIRST, "[data-keys-open]")),
    Page("reader-return", READER, _MINE, (_FIRST, "a:text('Return to clinic')")),
    Page("reader-sign", READER, _MINE, (_FIRST, "#head a[data-key=s]")),
    Page("reader-report", READER, "/cases/?status=signed", (_FIRST, *_REPORT)),
    Page("reader-report-2", READER, "/cases/?status=amended", (_FIRST, *_REPORT)),
    Page("reader-report-superseded", READER, "/cases/?status=amended", (_FIRST, *_REPORT, _OLD)),
    Page("reader-amending", READER, "/cases/?status=amending", (_FIRST,)),
    Page("reader-abandon", READER, "/cases/?status=amending", (_FIRST, "a:text('Give the')")),
    Page("reader-append", READER, "/cases/?status=signed", (_FIRST, "a:text('Add to')")),
    Page("reader-amend", READER, "/cases/?status=amending", (_FIRST, "#head a[data-key=s]")),
    Page("admin-people", ADMIN, "/people/"),
    Page("admin-person", ADMIN, "/people/", ("tbody a",)),
    Page("admin-invite", ADMIN, "/people/", ("a.button-primary",)),
    Page(
        "site-letterhead",
        SITE,
        "/organisations/",
        ("tr:has-text('Laboratory') th a", "a:text('Letterhead')"),
    ),
    Page("admin-audit", ADMIN, "/audit/"),
    Page("admin-tokens", ADMIN, "/tokens/"),
    Page("admin-models", ADMIN, "/models/"),
    Page("admin-model", ADMIN, "/models/", ("tbody th a",)),
    Page("site-model", SITE, "/models/", ("tbody th a",)),
    Page("site-models-compare", SITE, "/models/compare/", ("#content .filters button",)),
    Page("admin-cases", ADMIN, "/cases/"),
    Page("admin-assign", ADMIN, "/cases/?status=ready", (_FIRST, "a:text('Assign')")),
)  # fmt: skip
