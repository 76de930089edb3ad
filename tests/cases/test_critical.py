"""A critical result is known to the clinic in time, or somebody else is told."""

from __future__ import annotations

import pytest
from django.core import mail

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from accounts.services.users import user_deactivate
from cases.choices import CaseStatus, CriticalStatus, Priority
from cases.models import Case, CriticalResult
from cases.selectors.critical import critical_of, open_criticals
from cases.services.amending import case_reopen
from cases.services.critical import critical_acknowledge, critical_telephone, escalate_due
from cases.services.critical.acknowledging import NothingOpen
from cases.services.signing import case_amend, case_sign
from telepath.core.errors import Invalid, NotAllowed, NotThere
from telepath.core.models import LiveEvent
from tests.cases.clock import make_clock, work  # noqa: F401  (a fixture)
from tests.cases.reading import CLEAR, SIGNATURE, case_in_review, signed_case

CLINIC = {"sana.ito@example.org", "omar.diallo@example.org"}
READER = "mira.keller@example.org"
ADMINISTRATORS = {"ada.admin@example.org", "lars.admin@example.org"}


@pytest.fixture
def signed(cast, clock):
    case = signed_case(cast)
    work()
    return case


def result_of(case):
    return CriticalResult.objects.get(case=case)


def mailed() -> list[str]:
    """Who got a mail since this was asked last."""
    people = sorted(address for message in mail.outbox for address in message.to)
    mail.outbox.clear()
    return people


def amend(cast, case, conclusion, reason="Flow cytometry came."):
    reader = actor_of_user(cast.first_reader)
    case.refresh_from_db()
    case_reopen(actor=reader, case=case)
    return case_amend(
        actor=reader,
        case=case,
        conclusion=conclusion,
        comment="As discussed.",
        reason=reason,
        **SIGNATURE,
    )


def logged(case):
    events = AuditEvent.objects.filter(object_id=str(case.pk)).order_by("id")
    found = events.filter(action__regex="^critical|acknowledge|telephone")
    return [event.action for event in found if event.action != "critical.mail"]


def test_the_clinic_is_told_at_once_and_nobody_else(signed):
    assert mailed() == sorted(CLINIC)
    assert result_of(signed).status == CriticalStatus.OPEN


def test_another_conclusion_opens_nothing(cast, clock):
    case = case_in_review(cast, CLEAR)
    reader = actor_of_user(cast.first_reader)
    case_sign(actor=reader, case=case, conclusion="indeterminate", **SIGNATURE)
    assert not CriticalResult.objects.exists()


def test_which_conclusions_are_critical_is_a_setting(cast, clock, settings):
    settings.CRITICAL_CONCLUSIONS = frozenset({"indeterminate"})
    signed_case(cast)
    assert not CriticalResult.objects.exists()


def test_acknowledged_in_time_nobody_else_is_told(cast, clock, signed):
    mailed()
    clock.passes(minutes=59)
    critical_acknowledge(actor=actor_of_user(cast.colleague), case=signed, report=1)
    clock.passes(days=2)
    result = result_of(signed)
    assert mailed() == []
    assert (result.status, result.ended_by_name) == (CriticalStatus.ACKNOWLEDGED, "Dr. Omar Diallo")
    assert logged(signed) == ["critical.open", "case.acknowledge"]


def test_unheard_it_goes_to_the_reader_then_to_the_administrators_and_no_further(clock, signed):
    mailed()
    clock.passes(minutes=61)
    assert mailed() == sorted({*CLINIC, READER})
    clock.passes(minutes=61)
    assert mailed() == sorted({*CLINIC, READER, *ADMINISTRATORS})
    clock.passes(days=3)
    assert mailed() == []
    assert result_of(signed).status == CriticalStatus.OPEN
    assert logged(signed) == ["critical.open", "critical.escalate", "critical.escalate"]


def test_a_critical_case_waits_less(cast, clock):
    case = case_in_review(cast, CLEAR)
    Case.objects.filter(pk=case.pk).update(priority=Priority.CRITICAL)
    reader = actor_of_user(cast.first_reader)
    case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    clock.passes(minutes=16)
    assert result_of(case).step == 1


def test_a_day_without_processes_skips_no_step(clock, signed):
    clock.passes(hours=24)
    assert result_of(signed).step == 1
    clock.passes(minutes=30)
    assert result_of(signed).step == 1
    clock.passes(minutes=31)
    assert result_of(signed).step == 2


def test_a_clinic_without_people_is_not_waited_for(cast, clock):
    case = case_in_review(cast, CLEAR)
    for person in (cast.submitter, cast.colleague):
        user_deactivate(actor=actor_of_user(cast.administrator), user=person)
    reader = actor_of_user(cast.first_reader)
    case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    work()
    assert mailed() == [READER]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_take_a_step_once(cast, at_the_same_time):
    case = signed_case(cast)
    CriticalResult.objects.update(due_at=result_of(case).opened_at)
    assert sorted(at_the_same_time(escalate_due, escalate_due)) == [0, 1]
    assert result_of(case).step == 1
    assert logged(case).count("critical.escalate") == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_acknowledge_at_once_and_one_of_them_did(cast, at_the_same_time):
    case = signed_case(cast)
    outcomes = at_the_same_time(
        *(
            lambda person=person: critical_acknowledge(
                actor=actor_of_user(person), case=case, report=1
            )
            for person in (cast.submitter, cast.colleague)
        )
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["CriticalResult", "NothingOpen"]
    assert logged(case).count("case.acknowledge") == 1


def test_saying_it_twice_is_saying_it_once(cast, signed):
    sana = actor_of_user(cast.submitter)
    for _ in range(2):
        critical_acknowledge(actor=sana, case=signed, report=1)
    assert logged(signed).count("case.acknowledge") == 1


def test_somebody_who_comes_second_reads_who_was_first(cast, signed):
    critical_acknowledge(actor=actor_of_user(cast.submitter), case=signed, report=1)
    with pytest.raises(NothingOpen, match="Nurse Sana Ito acknowledged it at"):
        critical_acknowledge(actor=actor_of_user(cast.colleague), case=signed, report=1)


def test_the_laboratory_says_whom_it_told_by_telephone(cast, clock, signed):
    reader = actor_of_user(cast.second_reader)
    with pytest.raises(Invalid):
        critical_telephone(actor=reader, case=signed, report=1, told_name="  ")
    critical_telephone(actor=reader, case=signed, report=1, told_name="Sister Agnes")
    result = result_of(signed)
    assert (result.ended_by_name, result.told_name) == ("Dr. Jonas Weiss", "Sister Agnes")
    clock.passes(days=1)
    assert logged(signed) == ["critical.open", "case.telephone"]


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("first_reader", NotAllowed), ("administrator", NotAllowed), ("outsider", NotThere)],
)
def test_only_the_clinic_acknowledges(who, refusal, cast, signed):
    with pytest.raises(refusal):
        critical_acknowledge(actor=actor_of_user(getattr(cast, who)), case=signed, report=1)


def test_a_version_that_was_not_read_is_not_acknowledged(cast, signed):
    amend(cast, signed, "indeterminate")
    with pytest.raises(NothingOpen, match="read the newest version"):
        critical_acknowledge(actor=actor_of_user(cast.submitter), case=signed, report=1)


def test_taking_it_back_is_critical_again_even_if_it_was_acknowledged(cast, clock, signed):
    critical_acknowledge(actor=actor_of_user(cast.submitter), case=signed, report=1)
    mailed()
    amend(cast, signed, "indeterminate")
    work()
    assert mailed() == sorted(CLINIC)
    newest = critical_of(signed, actor_of_user(cast.submitter))
    assert newest.is_open and newest.may_acknowledge
    assert newest.result.takes_back == "suspected_all"


def test_taking_it_back_replaces_what_nobody_had_acknowledged(cast, clock, signed):
    amend(cast, signed, "indeterminate")
    states = CriticalResult.objects.filter(case=signed).values_list("status", flat=True)
    assert list(states) == [CriticalStatus.OPEN, CriticalStatus.REPLACED]


def test_an_amendment_with_the_same_conclusion_leaves_the_loop_as_it_is(cast, clock, signed):
    mailed()
    amend(cast, signed, "suspected_all")
    clock.passes(minutes=61)
    assert result_of(signed).step == 1
    critical_acknowledge(actor=actor_of_user(cast.submitter), case=signed, report=1)
    mailed()
    amend(cast, signed, "suspected_all", "A word was wrong.")
    work()
    assert result_of(signed).status == CriticalStatus.ACKNOWLEDGED


def test_the_reader_sees_who_was_told_when_and_who_knows(cast, clock, signed):
    reader = actor_of_user(cast.first_reader)
    seen = critical_of(signed, reader)
    assert {(one.person_name, one.state) for one in seen.mails} == {
        ("Dr. Omar Diallo", "sent"),
        ("Nurse Sana Ito", "sent"),
    }
    assert (seen.may_telephone, seen.may_acknowledge) == (True, False)
    assert not open_criticals(reader)
    clock.passes(minutes=61)
    assert [one.case for one in open_criticals(reader)] == [signed]


def test_each_sees_what_is_hers_to_act_on(cast, clock, signed):
    def who():
        people = ("submitter", "first_reader", "second_reader", "administrator", "outsider")
        return {name for name in people if open_criticals(actor_of_user(getattr(cast, name)))}

    assert who() == {"submitter"}
    clock.passes(minutes=61)
    assert who() == {"submitter", "first_reader"}
    clock.passes(minutes=61)
    assert who() == {"submitter", "first_reader", "second_reader", "administrator"}


def test_pages_hear_of_every_step(cast, clock, signed):
    clock.passes(minutes=61)
    critical_acknowledge(actor=actor_of_user(cast.submitter), case=signed, report=1)
    clinic = LiveEvent.objects.filter(audience=f"organisation:{cast.clinic.pk}").order_by("number")
    kinds = [
        event.kind
        for event in clinic
        if event.kind.startswith("critical") and event.kind != "critical.mailed"
    ]
    assert kinds == ["critical.opened", "critical.escalated", "critical.acknowledged"]


def test_a_signature_that_fails_opens_nothing(cast, clock, monkeypatch):
    case = case_in_review(cast, CLEAR)
    monkeypatch.setattr("cases.services.signing.announce", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        reader = actor_of_user(cast.first_reader)
        case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    assert not CriticalResult.objects.exists()
    assert Case.objects.get(pk=case.pk).status == CaseStatus.IN_REVIEW
