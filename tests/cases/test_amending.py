"""A signed report is amended, or the amendment is given up; every version stays readable."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.choices import CaseStatus
from cases.models import CaseTransition
from cases.selectors.cells import cells_of
from cases.services.amending import case_abandon, case_reopen
from cases.services.appending import report_append
from cases.services.reading import cells_correct
from cases.services.reports import pdf_of
from cases.services.review import AlreadyClaimed, case_assign
from cases.services.signing import AlreadySigned, ChecksFailed, case_amend, case_sign
from telepath.core.errors import Conflict, Invalid, NotAllowed
from tests.cases.reading import (
    CLEAR,
    SIGNATURE,
    case_in_review,
    cells_named,
    reopened_case,
    signed_case,
)
from tests.cases.typeset.scripts import pages_of

AMENDMENT = {"conclusion": "indeterminate", "comment": "", "reason": "Flow cytometry disagrees."}


@pytest.fixture
def second(cast):
    return actor_of_user(cast.second_reader)


def test_an_amendment_is_a_new_version_and_the_old_one_stays(cast, second):
    case = reopened_case(cast, cast.second_reader)
    assert (case.status, case.assignee) == (CaseStatus.AMENDING, cast.second_reader)
    report = case_amend(actor=second, case=case, **AMENDMENT, **SIGNATURE)
    first, newest = case.reports.all()
    assert newest == report
    assert (first.conclusion, newest.conclusion) == ("suspected_all", "indeterminate")
    amends = json.loads(newest.document)["report"]["amends"]
    assert (amends["sha256"], amends["reason"]) == (first.sha256, "Flow cytometry disagrees.")
    case.refresh_from_db()
    assert case.status == CaseStatus.AMENDED


def test_an_amended_report_carries_the_corrected_count(cast, reader):
    case = reopened_case(cast)
    wrong = cells_named(case, "blast")[:2]
    cells_correct(actor=reader, case=case, cell_ids=wrong, cell_class="monocyte")
    report = case_amend(actor=reader, case=case, **AMENDMENT, **SIGNATURE)
    counts = json.loads(report.document)["differential"]["reported"]
    assert (counts["blast"], counts["monocyte"]) == (1, 2)


def test_an_amendment_can_be_amended_but_not_signed_twice(cast, reader):
    case = reopened_case(cast)
    case_amend(actor=reader, case=case, **AMENDMENT, **SIGNATURE)
    with pytest.raises(AlreadySigned, match="version 2"):
        case_amend(actor=reader, case=case, **AMENDMENT, **SIGNATURE)
    again = {**AMENDMENT, "reason": "A slip in the comment."}
    with pytest.raises(Conflict, match="now 'Amended'"):
        case_amend(actor=reader, case=case, **again, **SIGNATURE)
    case_reopen(actor=reader, case=case)
    assert case_amend(actor=reader, case=case, **again, **SIGNATURE).number == 3


def test_two_readers_do_not_amend_at_once(cast, reader, second):
    case = reopened_case(cast)
    with pytest.raises(AlreadyClaimed, match="Dr. Mira Keller took this case"):
        case_reopen(actor=second, case=case)
    with pytest.raises(NotAllowed, match="with Dr. Mira Keller"):
        case_amend(actor=second, case=case, **AMENDMENT, **SIGNATURE)


def test_an_amendment_of_a_version_that_was_replaced_meanwhile_is_refused(cast, reader, second):
    case = reopened_case(cast, cast.second_reader)
    case_amend(actor=second, case=case, **AMENDMENT, **SIGNATURE)
    with pytest.raises(AlreadySigned, match="Dr. Jonas Weiss signed version 2"):
        case_amend(
            actor=reader, case=case, replaces=1, **{**AMENDMENT, "reason": "Mine."}, **SIGNATURE
        )


def test_an_amendment_needs_a_reason_and_a_signed_case(cast, reader):
    case = reopened_case(cast)
    with pytest.raises(Invalid, match="why"):
        case_amend(actor=reader, case=case, **{**AMENDMENT, "reason": " "}, **SIGNATURE)
    with pytest.raises(Conflict, match="nothing to amend"):
        case_amend(actor=reader, case=case_in_review(cast), **AMENDMENT, **SIGNATURE)


def test_an_amendment_may_not_contradict_the_count_either(cast, reader):
    with pytest.raises(ChecksFailed, match="counted as blasts"):
        case_amend(
            actor=reader,
            case=reopened_case(cast),
            **{**AMENDMENT, "conclusion": "no_blasts"},
            **SIGNATURE,
        )


def test_a_submitter_neither_reopens_nor_amends(cast, clerk):
    with pytest.raises(NotAllowed):
        case_reopen(actor=clerk, case=signed_case(cast))
    with pytest.raises(NotAllowed):
        case_amend(actor=clerk, case=reopened_case(cast), **AMENDMENT, **SIGNATURE)


def test_an_amendment_given_up_leaves_cells_state_and_reader_as_they_were_signed(cast, reader):
    case = case_in_review(cast, {"blast": 3, "lymphocyte": 5})
    called, left = cells_named(case, "blast")[:2]
    cells_correct(actor=reader, case=case, cell_ids=[called], cell_class="monocyte")
    case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    signed = [(cell.id, cell.effective, cell.corrected_by) for cell in cells_of(case)]
    second = actor_of_user(cast.second_reader)
    case_reopen(actor=second, case=case)
    cells_correct(actor=second, case=case, cell_ids=[called, left], cell_class="basophil")
    case_abandon(actor=second, case=case)
    assert [(cell.id, cell.effective, cell.corrected_by) for cell in cells_of(case)] == signed
    case.refresh_from_db()
    assert (case.status, case.assignee) == (CaseStatus.SIGNED, cast.first_reader)
    last = CaseTransition.objects.filter(case=case).latest("id")
    assert last.reason == "2 cells put back as signed"
    assert AuditEvent.objects.filter(action="case.abandon", object_id=case.pk).count() == 1


def test_giving_up_a_second_amendment_leads_back_to_the_first(cast, reader):
    case = reopened_case(cast)
    case_amend(actor=reader, case=case, **AMENDMENT, **SIGNATURE)
    case_reopen(actor=reader, case=case)
    assert case_abandon(actor=reader, case=case).status == CaseStatus.AMENDED


def test_an_administrator_hands_an_amendment_to_another_reader(cast, second):
    case = reopened_case(cast)
    administrator = actor_of_user(cast.laboratory_administrator)
    case_assign(actor=administrator, case=case, reader=cast.second_reader)
    case.refresh_from_db()
    assert (case.status, case.assignee) == (CaseStatus.AMENDING, cast.second_reader)
    assert case_amend(actor=second, case=case, **AMENDMENT, **SIGNATURE).number == 2


def test_the_difference_names_conclusion_comment_counts_and_cells(cast, reader):
    case = reopened_case(cast)
    wrong = cells_named(case, "blast")[:1]
    cells_correct(actor=reader, case=case, cell_ids=wrong, cell_class="monocyte")
    said = {**AMENDMENT, "comment": "Marrow for flow cytometry."}
    report = case_amend(actor=reader, case=case, **said, **SIGNATURE)
    changes = {one["what"]: one for one in report.content["report"]["amends"]["changes"]}
    assert changes["Conclusion"]["after"] == "Indeterminate: further tests needed"
    assert changes["Comment"]["before"] == ""
    assert (changes["Blast"]["before"], changes["Blast"]["after"]) == ("3 (37.5 %)", "2 (25.0 %)")
    assert changes["Monocyte"]["after"] == "1 (12.5 %)"
    (cell,) = (one for one in changes.values() if one["what"].startswith("Cell "))
    assert (cell["before"], cell["after"]) == ("Blast", "Monocyte")
    assert "Lymphocyte" not in changes


def test_the_page_of_an_amendment_begins_with_all_that_was_said_and_shows_what_changes(
    cast, client_of, reader
):
    case = case_in_review(cast, {"blast": 3, "lymphocyte": 5})
    comment = "Send marrow for flow cytometry. Telephone 555-0101."
    case_sign(actor=reader, case=case, conclusion="suspected_all", comment=comment, **SIGNATURE)
    case_reopen(actor=reader, case=case)
    client = client_of(cast.first_reader)
    page = client.get(reverse("cases:case_amend", args=[case.pk])).content.decode()
    assert f"{comment}</textarea>" in page
    assert "it says the same as the version before" in page
    typed = {"conclusion": "indeterminate", "comment": "Send marrow."}
    shown = client.post(reverse("cases:case_difference", args=[case.pk]), typed).content.decode()
    assert "<del>Send marrow for flow cytometry. Telephone 555-0101.</del>" in shown
    assert "<ins>Indeterminate: further tests needed</ins>" in shown


def test_the_paper_of_an_amendment_says_what_changed_and_an_addendum_keeps_saying_it(cast, reader):
    case = case_in_review(cast, CLEAR)
    case_sign(actor=reader, case=case, conclusion="suspected_all", comment="Urgent.", **SIGNATURE)
    case_reopen(actor=reader, case=case)
    wrong = cells_named(case, "blast")[:1]
    cells_correct(actor=reader, case=case, cell_ids=wrong, cell_class="monocyte")
    amended = case_amend(actor=reader, case=case, **AMENDMENT, **SIGNATURE)
    expected = (
        "Changed since version 1",
        "Indeterminate: further tests needed",
        "Comment Urgent. –",
        "Blast 3 (37.5 %) 2 (25.0 %)",
        " Blast Monocyte",
    )
    paper = pages_of(pdf_of(amended))
    assert [one for one in expected if one not in paper] == []
    addendum = {"text": "CD19 positive.", "meaning": "review", "password": SIGNATURE["password"]}
    paper = pages_of(pdf_of(report_append(actor=reader, case=case, **addendum)))
    assert [one for one in expected if one not in paper] == []
    assert "adds to version 2" in paper


def test_a_comment_longer_than_a_page_is_printed_in_full_on_both_sides_of_the_change(cast, reader):
    case = case_in_review(cast, CLEAR)
    long, longer = ("\n".join(f"{word} {line}." for line in range(300)) for word in ("Old", "New"))
    case_sign(actor=reader, case=case, conclusion="suspected_all", comment=long, **SIGNATURE)
    case_reopen(actor=reader, case=case)
    said = {**AMENDMENT, "comment": longer}
    paper = pages_of(pdf_of(case_amend(actor=reader, case=case, **said, **SIGNATURE)))
    assert [line for line in long.split("\n") if line not in paper] == []
    assert paper.count("New 299.") == 2  # the comment itself, and the change
