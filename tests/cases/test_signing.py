"""Signing, amending, and what stands in the way."""

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from accounts.actors import actor_of_user
from accounts.models import AuditEvent, Membership
from accounts.services.audit_chain import first_broken_link
from cases.choices import CaseStatus, ImageStatus
from cases.models import Case, CaseTransition, ReportVersion
from cases.selectors.checks import signing_checks
from cases.services.identity import REFUSED, TooManyAttempts, WrongPassword
from cases.services.reading import cells_correct
from cases.services.signing import AlreadySigned, ChecksFailed, case_sign
from inference.choices import CellClass
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere
from telepath.core.models import LiveEvent
from tests.cases.reading import SIGNATURE, case_in_review, cells_named, ready_case, signed_case

CLEAR = {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 5}
HEALTHY = {CellClass.LYMPHOCYTE: 40}


@pytest.fixture
def second(cast):
    return actor_of_user(cast.second_reader)


def test_a_signed_case_has_a_frozen_report_and_everybody_hears(cast, reader):
    case = case_in_review(cast, CLEAR)
    report = case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    case.refresh_from_db()
    assert (case.status, case.signed_at) == (CaseStatus.SIGNED, report.signed_at)
    assert (report.number, report.signer_name) == (1, "Dr. Mira Keller")
    actions = AuditEvent.objects.order_by("sequence").values_list("action", flat=True)
    assert list(actions) == ["case.sign", "report.sign", "critical.open"]
    heard = LiveEvent.objects.filter(kind="case.status", payload__status="signed")
    assert {event.audience for event in heard} == {
        case.audience,
        f"organisation:{cast.clinic.pk}",
        f"organisation:{cast.laboratory.pk}",
    }


def test_a_wrong_password_signs_nothing_and_leaves_a_mark_in_the_log(cast, reader):
    case = case_in_review(cast, CLEAR)
    with pytest.raises(WrongPassword, match="Nothing was signed"):
        case_sign(
            actor=reader, case=case, conclusion="suspected_all", meaning="review", password="guess"
        )
    case.refresh_from_db()
    assert case.status == CaseStatus.IN_REVIEW
    assert AuditEvent.objects.filter(action=REFUSED, object_id=case.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_mark_of_a_wrong_password_cannot_be_rolled_back(cast, reader):
    case = case_in_review(cast, CLEAR)
    statement = {"meaning": "review", "conclusion": "suspected_all", "password": "guess"}
    with pytest.raises(RuntimeError), transaction.atomic():
        case_sign(actor=reader, case=case, **statement)
    with pytest.raises(WrongPassword):
        case_sign(actor=reader, case=case, **statement)
    assert AuditEvent.objects.filter(action=REFUSED).count() == 1
    assert first_broken_link(cast.clinic.pk) is None


def test_after_five_wrong_passwords_even_the_right_one_waits(cast, reader):
    case = case_in_review(cast, CLEAR)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            case_sign(
                actor=reader, case=case, conclusion="inadequate", meaning="review", password="x"
            )
    with pytest.raises(TooManyAttempts, match="Wait five minutes"):
        case_sign(actor=reader, case=case, conclusion="inadequate", **SIGNATURE)
    assert not ReportVersion.objects.exists()


def test_a_double_click_signs_once(cast, reader):
    case = case_in_review(cast, CLEAR)
    case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    with pytest.raises(AlreadySigned, match=r"Dr\. Mira Keller signed version 1"):
        case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    assert ReportVersion.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_sign_once(cast, reader, at_the_same_time):
    case = case_in_review(cast, CLEAR)

    def sign():
        mine = Case.objects.get(pk=case.pk)
        return case_sign(actor=reader, case=mine, conclusion="suspected_all", **SIGNATURE)

    outcomes = at_the_same_time(sign, sign)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "AlreadySigned",
        "ReportVersion",
    ]
    assert CaseTransition.objects.filter(case=case, to_status=CaseStatus.SIGNED).count() == 1


def test_who_comes_late_hears_who_signed(cast, second):
    case = signed_case(cast)
    with pytest.raises(AlreadySigned, match=r"Dr\. Mira Keller signed version 1"):
        case_sign(actor=second, case=case, conclusion="suspected_all", **SIGNATURE)


def test_only_the_reader_in_charge_signs(cast, second):
    case = case_in_review(cast, CLEAR)
    with pytest.raises(NotAllowed, match=r"with Dr\. Mira Keller"):
        case_sign(actor=second, case=case, conclusion="suspected_all", **SIGNATURE)


def test_a_stranger_does_not_learn_that_there_is_something_to_sign(cast):
    case = case_in_review(cast, CLEAR)
    with pytest.raises(NotThere):
        case_sign(
            actor=actor_of_user(cast.outside_reader),
            case=case,
            conclusion="suspected_all",
            **SIGNATURE,
        )


def test_a_reader_whose_laboratory_reads_no_longer_cannot_sign(cast):
    case = case_in_review(cast, CLEAR)
    Membership.objects.filter(user=cast.first_reader).update(is_active=False)
    with pytest.raises(NotThere):
        case_sign(
            actor=actor_of_user(cast.first_reader),
            case=case,
            conclusion="suspected_all",
            **SIGNATURE,
        )


def test_a_case_in_nobodys_hands_is_not_signed(cast, reader):
    case = ready_case(cast, CLEAR)
    with pytest.raises(Conflict, match="now 'Ready for review'"):
        case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)


def test_unreviewed_unidentified_cells_must_be_looked_at_first(cast, reader):
    case = case_in_review(cast)
    with pytest.raises(ChecksFailed, match="2 unidentified cells not yet reviewed"):
        case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    chosen = cells_named(case, CellClass.UNIDENTIFIED)
    cells_correct(actor=reader, case=case, cell_ids=chosen, cell_class="unidentified")
    assert case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)


@pytest.mark.parametrize(
    ("count", "conclusion", "words"),
    [
        (CLEAR, "no_blasts", "3 cells are counted as blasts"),
        (HEALTHY, "suspected_all", "no cell is counted as a blast"),
        ({}, "no_blasts", "No white cell is counted"),
    ],
)
def test_a_conclusion_that_contradicts_the_count_is_refused(cast, reader, count, conclusion, words):
    case = case_in_review(cast, count)
    with pytest.raises(ChecksFailed, match=words):
        case_sign(actor=reader, case=case, conclusion=conclusion, **SIGNATURE)


def test_without_an_ai_result_the_human_signs_and_says_why(cast, reader):
    case = case_in_review(cast, {})
    Case.objects.update(no_ai_reason="The model could not read the images.")
    with pytest.raises(ChecksFailed, match="say in the comment"):
        case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    report = case_sign(
        actor=reader,
        case=case,
        conclusion="suspected_all",
        comment="Counted by eye: 40 of 100.",
        **SIGNATURE,
    )
    assert "could not read" in json.loads(report.document)["no_ai_reason"]


def test_images_must_be_there_and_checked(cast, reader):
    case = case_in_review(cast, HEALTHY)
    case.images.update(status=ImageStatus.RECEIVED)
    failed = {check.code for check in signing_checks(case, actor=reader) if not check.passed}
    assert failed == {"images", "images_checked"}


def test_the_checks_name_who_holds_the_case(cast, second):
    case = case_in_review(cast, HEALTHY)
    checks = {check.code: check for check in signing_checks(case, actor=second)}
    assert not checks["assigned"].passed
    assert "Dr. Mira Keller" in checks["assigned"].sentence
    assert checks["reads_for"].passed


@pytest.mark.parametrize(("field", "value"), [("conclusion", "fine"), ("meaning", "")])
def test_a_signature_needs_a_conclusion_and_a_meaning(cast, reader, field, value):
    case = case_in_review(cast, CLEAR)
    statement = {"conclusion": "suspected_all", **SIGNATURE, field: value}
    with pytest.raises(Invalid) as caught:
        case_sign(actor=reader, case=case, **statement)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "change", [{"document": "{}"}, {"sha256": "0" * 64}, {"signed_at": timezone.now()}]
)
def test_the_database_refuses_to_change_a_signed_report(cast, change):
    signed_case(cast)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportVersion.objects.update(**change)


def test_failures_older_than_five_minutes_are_forgiven(cast, reader, monkeypatch):
    case = case_in_review(cast, CLEAR)
    monkeypatch.setattr("cases.services.identity.WINDOW", timedelta(0))
    for _ in range(6):
        with pytest.raises(WrongPassword):
            case_sign(
                actor=reader, case=case, conclusion="inadequate", meaning="review", password="x"
            )


def test_a_name_that_no_font_can_print_is_said_before_the_signature(cast, reader):
    case = case_in_review(cast, CLEAR)
    case.patient.name = "Bello 𞤀𞤁"
    case.patient.save()
    failed = [check for check in signing_checks(case) if not check.passed]
    assert [check.code for check in failed] == ["printing"]
    assert "U+1E900, adlam capital letter alif" in failed[0].sentence
    assert "Return the case" in failed[0].sentence
    with pytest.raises(ChecksFailed, match="no font here can print"):
        case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)


def test_a_comment_that_cannot_be_printed_is_refused_and_a_clinics_word_only_told(cast, reader):
    case = case_in_review(cast, CLEAR)
    with pytest.raises(ChecksFailed, match="Write it in another way"):
        case_sign(actor=reader, case=case, conclusion="suspected_all", comment="𞤀", **SIGNATURE)
    Case.objects.update(clinical_information="ད fever")
    case.refresh_from_db()
    (check,) = [check for check in signing_checks(case) if check.code == "printing"]
    assert check.passed
    assert "U+0F51, tibetan letter da" in check.sentence


def test_the_clinic_hears_of_a_name_that_cannot_be_printed(cast, client_of):
    page = client_of(cast.submitter).post(
        "/patients/new/",
        {
            "clinic": cast.clinic.pk,
            "mrn": "7",
            "name": "𞤀",
            "sex": "female",
            "birth_date": "2019-04-02",
        },
        follow=True,
    )
    assert "reports cannot print 𞤀 (U+1E900" in page.content.decode()
