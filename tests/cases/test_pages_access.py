"""Every page of the cast, read as a screen reader would: names, labels, headings."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from tests import factories
from tests.cases.reading import case_in_review, ready_case, reopened_case, signed_case

VOID = {"img", "input", "meta", "link", "br", "hr"}


class Outline(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str]]] = []
        self.headings: list[int] = []
        self.ids: Counter[str] = Counter()
        self.fields: list[dict[str, str]] = []
        self.labelled: set[str] = set()
        self.nameless: list[str] = []
        self.without_alt: list[str] = []
        self._words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids[found.get("id", "")] += "id" in found
        if tag in {"h1", "h2", "h3"}:
            self.headings.append(int(tag[1]))
        if tag == "label" and "for" in found:
            self.labelled.add(found["for"])
        if tag in {"input", "select", "textarea"} and found.get("type") not in {"hidden", "submit"}:
            inside = any(name == "label" for name, _ in self.open)
            self.fields.append({**found, "inside": "yes" if inside else ""})
        if tag == "img":
            self._words.append(found.get("alt", ""))
            if "alt" not in found:
                self.without_alt.append(found.get("src", ""))
        if tag in {"button", "a"}:
            self._words = [found.get("aria-label", "")]
        if tag not in VOID:
            self.open.append((tag, found))

    def handle_data(self, data: str) -> None:
        self._words.append(data.strip())

    def handle_endtag(self, tag: str) -> None:
        drawn = not any(name == "template" for name, _ in self.open)
        if tag in {"button", "a"} and drawn and not "".join(self._words):
            self.nameless.append(str(self.open[-1]))
        while self.open and self.open.pop()[0] != tag:
            pass

    @property
    def unlabelled(self) -> list[dict[str, str]]:
        return [
            field
            for field in self.fields
            if not (field["inside"] or field.get("aria-label") or field.get("id") in self.labelled)
        ]


PAGES = (
    ("submitter", "case_list", ""),
    ("submitter", "patient_list", ""),
    ("submitter", "patient_new", ""),
    ("submitter", "patient_detail", "patient"),
    ("submitter", "patient_edit", "patient"),
    ("submitter", "case_new", "patient"),
    ("submitter", "case_detail", "draft"),
    ("submitter", "case_edit", "draft"),
    ("submitter", "case_cancel", "draft"),
    ("submitter", "case_detail", "signed"),
    ("submitter", "report_detail", "report"),
    ("first_reader", "queue", ""),
    ("first_reader", "case_detail", "ready"),
    ("first_reader", "case_detail", "held"),
    ("first_reader", "case_return", "held"),
    ("laboratory_administrator", "case_assign", "ready"),
    ("first_reader", "case_sign", "held"),
    ("first_reader", "case_amend", "reopened"),
    ("first_reader", "report_detail", "report"),
)


@pytest.fixture
def arguments(cast):
    draft = factories.CaseFactory(patient__clinic=cast.clinic)
    factories.SmearImageFactory(case=draft)
    signed = signed_case(cast)
    return {
        "": [],
        "patient": [draft.patient.pk],
        "draft": [draft.pk],
        "ready": [ready_case(cast).pk],
        "held": [case_in_review(cast).pk],
        "signed": [signed.pk],
        "reopened": [reopened_case(cast).pk],
        "report": [signed.pk, 1],
    }


@pytest.fixture(params=PAGES, ids=lambda page: "-".join(filter(None, page)))
def outline(request, arguments, cast, client_of):
    who, name, about = request.param
    page = client_of(getattr(cast, who)).get(reverse(f"cases:{name}", args=arguments[about]))
    assert page.status_code == 200
    return Outline(page.content.decode())


def test_a_page_can_be_read_by_ear(outline):
    assert outline.headings.count(1) == 1
    steps = zip([0, *outline.headings], outline.headings, strict=False)
    assert all(later - earlier <= 1 for earlier, later in steps)
    assert [name for name, count in outline.ids.items() if count > 1] == []
    assert outline.unlabelled == []
    assert outline.nameless == []
    assert outline.without_alt == []
