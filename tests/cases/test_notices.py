"""Mails: one a person and event, by her choice, and never with a word about a patient."""

from __future__ import annotations

from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail

from accounts.actors import actor_of_user
from accounts.services.users import user_deactivate
from cases.choices import CaseStatus, NoticeKind, NoticeState
from cases.models import Case, Notice, NoticeChoice, Patient
from cases.services.critical import critical_acknowledge
from cases.services.leaving import case_return
from cases.services.notices import choose, notice_send, sending, sweep, tell
from cases.services.review import case_assign
from cases.services.signing import case_sign
from telepath.core import leases
from tests.cases.clock import make_clock, work  # noqa: F401  (a fixture)
from tests.cases.reading import CLEAR, SIGNATURE, case_in_review, ready_case, signed_case

NAMES = (
    "Zoë Ødegård",
    "আমিনা খাতুন",
    "محمد علي",
    "张伟",
    "இளவரசி குமார்",
    "ፍቅርተ ታደሰ",
    "שרה כהן",
    "สมชาย ใจดี",
)


@pytest.fixture(autouse=True)
def _time(clock):
    return clock


def sent() -> list[tuple[str, ...]]:
    return sorted(tuple(message.to) for message in mail.outbox)


def submitted_by(case, person):
    case.transitions.create(
        from_status=CaseStatus.DRAFT,
        to_status=CaseStatus.SUBMITTED,
        actor_name=str(person),
        actor_id=str(person.pk),
    )
    return case


def sign(cast, case, conclusion="indeterminate"):
    reader = actor_of_user(cast.first_reader)
    return case_sign(actor=reader, case=case, conclusion=conclusion, **SIGNATURE)


def test_who_sent_the_case_hears_that_it_is_signed(cast):
    sign(cast, submitted_by(case_in_review(cast, CLEAR), cast.colleague))
    work()
    assert sent() == [("omar.diallo@example.org",)]


def test_when_she_left_the_others_hear_of_it(cast):
    case = submitted_by(case_in_review(cast, CLEAR), cast.colleague)
    user_deactivate(actor=actor_of_user(cast.administrator), user=cast.colleague)
    sign(cast, case)
    work()
    assert sent() == [("sana.ito@example.org",)]


def test_returned_and_assigned_are_mailed_too(cast):
    case = submitted_by(case_in_review(cast, CLEAR), cast.submitter)
    reader = actor_of_user(cast.first_reader)
    case_return(actor=reader, case=case, reason_code="out_of_focus", reason="Amina moved.")
    manager = actor_of_user(cast.laboratory_administrator)
    case_assign(actor=manager, case=ready_case(cast), reader=cast.second_reader)
    work()
    assert sent() == [("jonas.weiss@example.org",), ("sana.ito@example.org",)]
    assert "Amina" not in "".join(message.body for message in mail.outbox)


def test_no_mail_holds_a_name_of_a_patient_in_any_script(cast, clock):
    for number, name in enumerate(NAMES):
        case = submitted_by(case_in_review(cast, CLEAR), cast.submitter)
        Patient.objects.filter(pk=case.patient_id).update(name=name, mrn=f"KIN-{number}-77")
        sign(cast, case, "suspected_all" if number % 2 else "indeterminate")
    returned = submitted_by(case_in_review(cast, CLEAR), cast.submitter)
    Patient.objects.filter(pk=returned.patient_id).update(name=NAMES[0], mrn="KIN-9-77")
    case_return(actor=actor_of_user(cast.first_reader), case=returned, reason_code="poor_stain")
    clock.passes(minutes=61)
    clock.passes(minutes=61)
    assert len(mail.outbox) > 3 * len(NAMES)
    for message in mail.outbox:
        whole = message.message().as_string() + message.body + message.subject
        for patient in Patient.objects.all():
            born = patient.birth_date
            words = (*patient.name.split(), patient.mrn, f"{born:%Y-%m-%d}", f"{born:%d %b %Y}")
            assert not [word for word in words if word in whole]


def test_links_come_from_the_settings_never_from_the_request(cast, settings):
    settings.SITE_URL = "https://telepath.example.org"
    case = signed_case(cast)
    work()
    assert f"https://telepath.example.org/cases/{case.pk}/" in mail.outbox[0].body
    assert case.accession in mail.outbox[0].body


def test_a_kind_that_somebody_does_not_want_is_not_mailed_but_a_critical_one_is(cast):
    choose(actor=actor_of_user(cast.submitter), kinds=[NoticeKind.ASSIGNED])
    sign(cast, submitted_by(case_in_review(cast, CLEAR), cast.submitter))
    work()
    assert sent() == []
    sign(cast, submitted_by(case_in_review(cast, CLEAR), cast.submitter), "suspected_all")
    work()
    assert ("sana.ito@example.org",) in sent()
    assert not NoticeChoice.objects.filter(kind=NoticeKind.CRITICAL).exists()


def test_the_same_event_is_told_once(cast):
    case = case_in_review(cast)
    for _ in range(2):
        tell([cast.submitter], case=case, kind=NoticeKind.SIGNED, event="report:1")
    work()
    work()
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_gets_it_later(cast, clock, monkeypatch):
    case = case_in_review(cast)
    tell([cast.submitter], case=case, kind=NoticeKind.SIGNED, event="report:1")
    with monkeypatch.context() as away:
        away.setattr("django.core.mail.EmailMessage.send", _refuses)
        work()
        clock.passes(seconds=5)
    notice = Notice.objects.get()
    assert (notice.state, notice.attempt) == (NoticeState.WAITING, 1)
    clock.passes(seconds=20)
    assert (len(mail.outbox), Notice.objects.get().state) == (1, NoticeState.SENT)


def test_a_mail_server_that_stays_away_is_said(cast, clock, monkeypatch):
    signed_case(cast)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", _refuses)
    for _ in range(sending.ATTEMPTS):
        clock.passes(minutes=16)
    assert NoticeState.FAILED in Notice.objects.values_list("state", flat=True)


def _refuses(self):
    raise SMTPServerDisconnected("host for Amina Wanjiru is away")


def test_a_lost_message_is_found_by_the_sweep(cast, monkeypatch, settings):
    asked = []
    monkeypatch.setattr(leases, "enqueue", lambda name, key: asked.append((name, key)))
    settings.SWEEP_SECONDS = 0
    tell([cast.submitter], case=case_in_review(cast), kind=NoticeKind.SIGNED, event="report:1")
    assert sweep() == 1
    assert asked == [("cases.tasks.send_notice", Notice.objects.get().pk)]


def test_what_was_acknowledged_meanwhile_is_not_mailed(cast):
    case = signed_case(cast)
    critical_acknowledge(actor=actor_of_user(cast.submitter), case=case, report=1)
    work()
    assert mail.outbox == []
    assert set(Notice.objects.values_list("state", flat=True)) == {NoticeState.DROPPED}


def test_who_left_the_clinic_meanwhile_is_not_mailed(cast):
    tell([cast.submitter], case=case_in_review(cast), kind=NoticeKind.SIGNED, event="report:1")
    user_deactivate(actor=actor_of_user(cast.administrator), user=cast.submitter)
    work()
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_mail_it_once(cast, at_the_same_time):
    tell([cast.submitter], case=case_in_review(cast), kind=NoticeKind.SIGNED, event="report:1")
    key = Notice.objects.get().pk
    at_the_same_time(*[lambda: notice_send(notice_id=key)] * 4)
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_after_a_kill_carries_the_same_message_id(cast, monkeypatch):
    """Killed between the mail server's answer and the note of it: mail systems know the double."""
    tell([cast.submitter], case=case_in_review(cast), kind=NoticeKind.SIGNED, event="report:1")
    key = Notice.objects.get().pk
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(sending, "_end", _dies)
        notice_send(notice_id=key)
    Notice.objects.update(due_at=Notice.objects.get().created_at)  # its lease runs out
    notice_send(notice_id=key)
    assert len(mail.outbox) == 2
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 1
    assert Case.objects.count() == 1


def _dies(*_args, **_more):
    raise KeyboardInterrupt
