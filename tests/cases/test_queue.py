"""The review queue: what stands in it, in which order, at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.actors import actor_of_user
from cases.choices import CaseStatus, Priority
from cases.models import Case
from cases.selectors.pages import Place
from cases.selectors.queue import QueueFilters, queue_counts, queue_page, review_queue
from cases.selectors.triage import triage_of
from cases.services import standing
from cases.services.reading import cells_correct
from cases.standing import MOST_CONCERN
from inference.choices import CellClass
from tests.cases.reading import add_image, case_in_review, cells_named, ready_case

HEALTHY = {CellClass.LYMPHOCYTE: 120}
QUERIES = 1


def queue(actor, **filters):
    return list(review_queue(actor=actor, filters=QueueFilters(**filters)))


def waiting(cast, count=HEALTHY, *, hours=1, **fields):
    since = timezone.now() - timedelta(hours=hours)
    return ready_case(cast, count, submitted_at=since, **fields)


def test_urgent_comes_first_then_risk_then_age(cast, reader):
    old = waiting(cast, hours=9)
    young = waiting(cast, hours=1)
    blasts = waiting(cast, {CellClass.BLAST: 3, **HEALTHY}, hours=2)
    urgent = waiting(cast, hours=1, priority=Priority.URGENT)
    assert queue(reader) == [urgent, blasts, old, young]


def test_what_a_count_cannot_rule_out_decides_until_the_model_is_unsure(cast, reader):
    few = waiting(cast, {CellClass.LYMPHOCYTE: 15}, hours=9)  # no blasts: up to 19 %
    blasts = waiting(cast, {CellClass.BLAST: 3, CellClass.UNIDENTIFIED: 6, **HEALTHY}, hours=1)
    assert queue(reader) == [few, blasts]  # up to 13 %
    add_image(blasts, {}, decision="unsure")
    assert queue(reader) == [blasts, few]


def test_unsure_never_sinks(cast, reader):
    plain = waiting(cast, hours=9)
    blasts = waiting(cast, {CellClass.BLAST: 30}, hours=1)
    unsure = waiting(cast, {}, hours=3)
    add_image(unsure, HEALTHY, decision="unsure")
    without = waiting(cast, {}, hours=5, no_ai_reason="The images could not be read.")
    assert queue(reader) == [without, unsure, blasts, plain]


def test_a_case_that_nobody_weighed_yet_does_not_sink_and_the_sweep_weighs_it(cast, reader):
    plain = waiting(cast, hours=2)
    Case.objects.filter(pk=plain.pk).update(weighed_at=None, concern=MOST_CONCERN, flags=[])
    blasts = waiting(cast, {CellClass.BLAST: 30, CellClass.LYMPHOCYTE: 90}, hours=1)
    assert queue(reader) == [plain, blasts]
    assert standing.sweep() == 1
    assert queue(reader) == [blasts, plain]
    assert standing.sweep() == 0


def test_a_case_whose_fields_contradict_each_other_does_not_sink(cast, reader):
    plain = waiting(cast, hours=9)
    split = waiting(cast, {}, hours=1)
    for decision in ("Benign", "Pre"):
        chances = {"Benign": 0.04, "Pre": 0.04, decision: 0.96}
        fields = {"status": "ok", "decision": decision, "label": decision}
        add_image(split, HEALTHY, **fields, probabilities=chances)
    first, second = queue(reader)
    assert (first, second) == (split, plain)
    said = triage_of(first)
    assert (said.word, said.suggested) == ("Contradiction", "unsure")
    assert "The fields contradict each other" in said.warnings


def test_benign_beside_blasts_is_called_a_contradiction_and_not_benign(cast, reader):
    case = waiting(cast, {})
    benign = {"status": "ok", "decision": "Benign", "probabilities": {"Benign": 0.99, "Pre": 0.01}}
    add_image(case, {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 30}, **benign)
    said = triage_of(queue(reader)[0])
    assert (said.word, said.found, said.is_read) == ("Contradiction", "3 blasts in 33", False)


def test_each_row_says_why_it_stands_where_it_stands(cast, reader):
    waiting(cast, {CellClass.BLAST: 2, CellClass.LYMPHOCYTE: 20, CellClass.SMUDGE: 5})
    said = triage_of(queue(reader)[0])
    assert said.warnings == ("2 suspected blasts in 22 white cells", "Only 22 white cells")


def test_the_row_shows_the_readers_count_once_she_began(cast, reader):
    case = case_in_review(cast, {CellClass.BLAST: 3, CellClass.LYMPHOCYTE: 29})
    blasts = cells_named(case, CellClass.LYMPHOCYTE)[:9]
    cells_correct(actor=reader, case=case, cell_ids=blasts, cell_class="blast")
    said = triage_of(queue(reader)[0])
    assert (said.found, said.is_read) == ("12 blasts in 32", True)


def test_only_clinics_that_the_reader_reads_for_are_seen(cast):
    waiting(cast)
    for stranger in (cast.outside_reader, cast.submitter, cast.outsider):
        assert queue(actor_of_user(stranger)) == []
    assert len(queue(actor_of_user(cast.laboratory_administrator))) == 1


def test_signed_and_unsubmitted_cases_do_not_wait(cast, reader):
    for status in (CaseStatus.DRAFT, CaseStatus.ANALYSING, CaseStatus.SIGNED):
        waiting(cast, status=status)
    assert queue(reader) == []


def _both_numbers(case) -> str:
    """One of them alone may be the other one of another case."""
    return f"{case.accession} {case.patient.mrn}"


def test_filters_narrow_the_queue(cast, reader):
    mine = case_in_review(cast, HEALTHY)
    theirs = case_in_review(cast, HEALTHY, reader=cast.second_reader)
    free = waiting(cast, {CellClass.BLAST: 1, **HEALTHY}, priority=Priority.CRITICAL)
    found = {
        "mine": queue(reader, mine=True),
        "free": queue(reader, unassigned=True),
        "state": queue(reader, status="in_review"),
        "flag": queue(reader, flag="blasts"),
        "priority": queue(reader, priority="2"),
        "routine": queue(reader, priority=0, specimen=""),
        "text": queue(reader, text=_both_numbers(mine).lower()),
        "patient": queue(reader, text=_both_numbers(theirs)),
        "clinic": queue(reader, clinic=cast.other_clinic),
    }
    assert found["mine"] == found["text"] == [mine]
    assert found["free"] == found["flag"] == found["priority"] == [free]
    assert set(found["state"]) == set(found["routine"]) == {mine, theirs}
    assert found["patient"] == [theirs]
    assert found["clinic"] == []


def test_nobody_in_particular_has_no_cases_of_his_own(cast):
    case_in_review(cast, HEALTHY)
    chief = actor_of_user(cast.laboratory_administrator)
    assert queue(chief, mine=True) == []


def test_late_is_what_waits_longer_than_its_priority_allows(cast, reader, settings):
    settings.TARGET_HOURS = {"critical": 1, "urgent": 2, "routine": 10}
    waiting(cast, hours=9)
    late = waiting(cast, hours=3, priority=Priority.URGENT)
    assert queue(reader, late=True) == [late]
    counts = queue_counts(reader)
    assert (counts.waiting, counts.late, counts.mine) == (2, 1, 0)


def test_the_counts_name_each_flag_that_occurs(cast, reader):
    case_in_review(cast, {CellClass.BLAST: 2, **HEALTHY})
    waiting(cast, {CellClass.LYMPHOCYTE: 9})
    counts = queue_counts(reader)
    assert counts.named == [("blasts", "Blasts", 1), ("few_cells", "Few cells", 1)]
    assert counts.mine == 1


def test_a_reader_finds_her_own_cases_first_and_only_on_the_first_page(cast, reader):
    urgent = [waiting(cast, priority=Priority.URGENT, hours=hours) for hours in (9, 8, 7)]
    mine = case_in_review(cast, HEALTHY)
    first = queue_page(actor=reader, size=2)
    assert first.rows == [mine, urgent[0], urgent[1]]
    second = queue_page(actor=reader, size=2, place=Place(after=first.next))
    assert second.rows == [urgent[2]]
    back = queue_page(actor=reader, size=2, place=Place(before=second.previous))
    assert back.rows == first.rows


def test_the_queue_costs_one_query_however_long(cast, reader, django_assert_num_queries):
    for _ in range(3):
        add_image(waiting(cast, {CellClass.BLAST: 1}), {CellClass.LYMPHOCYTE: 2})
    with django_assert_num_queries(QUERIES):
        three = queue(reader)
    waiting(cast, {CellClass.BLAST: 1})
    with django_assert_num_queries(QUERIES):
        assert len([triage_of(case) for case in queue(reader)]) == len(three) + 1


@pytest.mark.django_db(transaction=True)
def test_the_page_of_the_queue_costs_twelve_statements_all_told(cast, client_of):
    """Session, person, roles, live mark, rows, counts, look, views, criticals, clinics of a filter;
    what is looked at for the first time in a while leaves its event besides."""
    client = client_of(cast.first_reader)
    for number in (2, 5):
        for _ in range(number):
            waiting(cast)
        client.get(reverse("cases:queue"))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("cases:queue")).status_code == 200
        assert len(caught) == 12, [query["sql"][:80] for query in caught]
