"""The review queue: what stands in it, in which order, at what cost."""

from datetime import timedelta

from django.utils import timezone

from accounts.actors import actor_of_user
from cases.choices import CaseStatus, Priority
from cases.selectors.queue import QueueFilters, review_queue
from inference.choices import CellClass
from tests.cases.reading import add_image, case_in_review, ready_case

HEALTHY = {CellClass.LYMPHOCYTE: 120}
QUERIES = 4


def waiting(cast, count=HEALTHY, *, hours=1, **fields):
    since = timezone.now() - timedelta(hours=hours)
    return ready_case(cast, count, submitted_at=since, **fields)


def test_urgent_comes_first_then_flagged_then_oldest(cast, reader):
    old = waiting(cast, hours=9)
    young = waiting(cast, hours=1)
    blasts = waiting(cast, {CellClass.BLAST: 3, **HEALTHY}, hours=2)
    urgent = waiting(cast, hours=1, priority=Priority.URGENT)
    assert review_queue(actor=reader) == [urgent, blasts, old, young]


def test_unsure_never_sinks(cast, reader):
    plain = waiting(cast, hours=9)
    blasts = waiting(cast, {CellClass.BLAST: 30}, hours=1)
    unsure = waiting(cast, {}, hours=3)
    add_image(unsure, HEALTHY, decision="unsure")
    without = waiting(cast, {}, hours=5, no_ai_reason="The images could not be read.")
    assert review_queue(actor=reader) == [without, unsure, blasts, plain]


def test_a_case_whose_fields_contradict_each_other_does_not_sink(cast, reader):
    plain = waiting(cast, hours=9)
    split = waiting(cast, {}, hours=1)
    for decision in ("Benign", "Pre"):
        chances = {"Benign": 0.04, "Pre": 0.04, decision: 0.96}
        fields = {"status": "ok", "decision": decision, "label": decision}
        add_image(split, HEALTHY, **fields, probabilities=chances)
    first, second = review_queue(actor=reader)
    assert (first, second) == (split, plain)
    assert first.triage.suggested == "unsure"
    assert "The fields contradict each other: 1 Benign, 1 Pre" in first.triage.warnings


def test_each_row_says_why_it_stands_where_it_stands(cast, reader):
    waiting(cast, {CellClass.BLAST: 2, CellClass.LYMPHOCYTE: 20, CellClass.SMUDGE: 5})
    (case,) = review_queue(actor=reader)
    assert case.triage.warnings == ("2 suspected blasts in 22 white cells", "Only 22 white cells")


def test_only_clinics_that_the_reader_reads_for_are_seen(cast):
    waiting(cast)
    for stranger in (cast.outside_reader, cast.submitter, cast.outsider):
        assert review_queue(actor=actor_of_user(stranger)) == []
    assert len(review_queue(actor=actor_of_user(cast.laboratory_administrator))) == 1


def test_signed_and_unsubmitted_cases_do_not_wait(cast, reader):
    for status in (CaseStatus.DRAFT, CaseStatus.ANALYSING, CaseStatus.SIGNED):
        waiting(cast, status=status)
    assert review_queue(actor=reader) == []


def test_filters_narrow_the_queue(cast, reader):
    mine = case_in_review(cast, HEALTHY)
    theirs = case_in_review(cast, HEALTHY, reader=cast.second_reader)
    free = waiting(cast, {CellClass.BLAST: 1, **HEALTHY}, priority=Priority.CRITICAL)
    found = {
        "mine": review_queue(actor=reader, filters=QueueFilters(mine=True)),
        "free": review_queue(actor=reader, filters=QueueFilters(unassigned=True)),
        "state": review_queue(actor=reader, filters=QueueFilters(status="in_review")),
        "warning": review_queue(actor=reader, filters=QueueFilters(warning=True)),
        "priority": review_queue(actor=reader, filters=QueueFilters(priority="2")),
        "routine": review_queue(actor=reader, filters=QueueFilters(priority=0, specimen="")),
        "text": review_queue(actor=reader, filters=QueueFilters(text=mine.accession.lower())),
        "patient": review_queue(actor=reader, filters=QueueFilters(text=theirs.patient.mrn)),
        "clinic": review_queue(actor=reader, filters=QueueFilters(clinic=cast.other_clinic)),
    }
    assert found["mine"] == found["text"] == [mine]
    assert found["free"] == found["warning"] == found["priority"] == [free]
    assert set(found["state"]) == set(found["routine"]) == {mine, theirs}
    assert found["patient"] == [theirs]
    assert found["clinic"] == []


def test_nobody_in_particular_has_no_cases_of_his_own(cast):
    case_in_review(cast, HEALTHY)
    filters = QueueFilters(mine=True)
    chief = actor_of_user(cast.laboratory_administrator)
    assert review_queue(actor=chief, filters=filters) == []


def test_the_queue_costs_four_queries_however_long(cast, reader, django_assert_num_queries):
    for _ in range(3):
        add_image(waiting(cast, {CellClass.BLAST: 1}), {CellClass.LYMPHOCYTE: 2})
    with django_assert_num_queries(QUERIES):
        three = review_queue(actor=reader)
    waiting(cast, {CellClass.BLAST: 1})
    with django_assert_num_queries(QUERIES):
        assert len(review_queue(actor=reader)) == len(three) + 1
