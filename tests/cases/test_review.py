"""Taking cases, giving them back, and saying what cells are."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.choices import CaseStatus
from cases.models import Case, CaseTransition, CellCorrection
from cases.selectors.cells import cells_of, cells_of_image
from cases.selectors.differential import differential_of
from cases.services.reading import cells_correct
from cases.services.review import (
    AlreadyClaimed,
    case_assign,
    case_claim,
    case_release,
)
from inference.choices import CellClass
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere
from telepath.core.models import LiveEvent
from tests.cases.reading import add_image, case_in_review, cells_named, ready_case


def test_a_reader_takes_a_case(cast, reader):
    case = ready_case(cast)
    case_claim(actor=reader, case=case)
    case.refresh_from_db()
    assert (case.status, case.assignee) == (CaseStatus.IN_REVIEW, cast.first_reader)
    assert AuditEvent.objects.filter(action="case.claim", object_id=case.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_readers_click_at_once_and_one_wins(cast, at_the_same_time):
    case = ready_case(cast)
    actors = [actor_of_user(cast.first_reader), actor_of_user(cast.second_reader)]
    outcomes = at_the_same_time(
        *(
            lambda actor=actor: case_claim(actor=actor, case=Case.objects.get(pk=case.pk))
            for actor in actors
        )
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyClaimed", "Case"]
    assert AuditEvent.objects.filter(action="case.claim", object_id=case.pk).count() == 1
    assert CaseTransition.objects.filter(case=case).count() == 1


def test_the_slower_reader_hears_who_was_faster(cast, reader):
    case = ready_case(cast)
    case_claim(actor=actor_of_user(cast.second_reader), case=case)
    with pytest.raises(AlreadyClaimed, match=r"Dr\. Jonas Weiss took this case a moment ago\."):
        case_claim(actor=reader, case=case)
    Case.objects.update(claimed_at=timezone.now() - timedelta(minutes=20))
    with pytest.raises(AlreadyClaimed, match="20.minutes ago"):
        case_claim(actor=reader, case=case)


def test_a_case_that_left_the_queue_is_not_said_to_be_taken(cast, reader):
    case = ready_case(cast, status=CaseStatus.CANCELLED)
    with pytest.raises(AlreadyClaimed, match="now 'Cancelled'"):
        case_claim(actor=reader, case=case)


def test_nobody_outside_takes_a_case_or_hears_of_it(cast):
    case = ready_case(cast)
    for stranger in (cast.outsider, cast.outside_reader):
        with pytest.raises(NotThere):
            case_claim(actor=actor_of_user(stranger), case=case)
    with pytest.raises(NotAllowed):
        case_claim(actor=actor_of_user(cast.submitter), case=case)


def test_a_released_case_goes_back_to_the_queue_with_its_corrections(cast, reader):
    case = case_in_review(cast)
    blasts = cells_named(case, CellClass.BLAST)
    cells_correct(actor=reader, case=case, cell_ids=blasts, cell_class=CellClass.LYMPHOCYTE)
    case_release(actor=reader, case=case)
    case.refresh_from_db()
    assert (case.status, case.assignee) == (CaseStatus.READY, None)
    assert differential_of(cells_of(case)).blasts == 0


def test_only_who_holds_a_case_releases_it(cast):
    case = case_in_review(cast)
    with pytest.raises(NotAllowed):
        case_release(actor=actor_of_user(cast.second_reader), case=case)


def test_an_administrator_hands_a_case_to_a_reader_and_on_to_another(cast):
    case = ready_case(cast)
    chief = actor_of_user(cast.laboratory_administrator)
    case_assign(actor=chief, case=case, reader=cast.first_reader)
    case_assign(actor=chief, case=case, reader=cast.second_reader)
    case_assign(actor=chief, case=case, reader=cast.second_reader)
    case.refresh_from_db()
    assert (case.status, case.assignee) == (CaseStatus.IN_REVIEW, cast.second_reader)
    events = AuditEvent.objects.filter(action="case.assign", object_id=case.pk).order_by("sequence")
    assert [event.actor_name for event in events] == ["Lars Admin", "Lars Admin"]
    assert events[1].before == {"reader": "Dr. Mira Keller"}


def test_a_case_is_not_assigned_to_who_does_not_read_for_the_clinic(cast):
    case = ready_case(cast)
    for person in (cast.outside_reader, cast.submitter):
        with pytest.raises(Invalid, match="does not read for this clinic"):
            case_assign(
                actor=actor_of_user(cast.laboratory_administrator), case=case, reader=person
            )


def test_a_correction_stands_beside_what_the_model_said(cast, reader):
    case = case_in_review(cast)
    (first, *_) = cells_named(case, CellClass.BLAST)
    cells_correct(actor=reader, case=case, cell_ids=[first], cell_class=CellClass.MONOCYTE)
    cell = next(cell for cell in cells_of(case) if cell.id == first)
    assert (cell.suggested, cell.corrected, cell.effective) == ("blast", "monocyte", "monocyte")
    assert cell.corrected_by == "Dr. Mira Keller"
    assert cells_of_image(case.images.get()) == cells_of(case)


def test_many_cells_are_corrected_in_one_step_and_one_audit_row(cast, reader):
    case = case_in_review(cast)
    chosen = cells_named(case, CellClass.UNIDENTIFIED)
    rows = cells_correct(actor=reader, case=case, cell_ids=chosen, cell_class=CellClass.BLAST)
    assert len(rows) == 2
    event = AuditEvent.objects.get(action="case.correct")
    names = {f"picture {c.position}, cell {c.number}" for c in cells_of(case) if c.id in chosen}
    assert event.before == dict.fromkeys(names, "Unidentified (suggested)")
    assert event.after == dict.fromkeys(names, "Blast")


def test_watchers_of_the_case_hear_the_new_count(cast, reader):
    case = case_in_review(cast)
    chosen = cells_named(case, CellClass.UNIDENTIFIED)
    cells_correct(actor=reader, case=case, cell_ids=chosen, cell_class=CellClass.BLAST)
    event = LiveEvent.objects.get(audience=case.audience, kind="cell.corrected")
    count = event.payload["count"]
    assert (count["blasts"], count["total"]) == (5, 10)
    assert event.payload["groups"]["unidentified"] == 0
    assert [cell["class"] for cell in event.payload["cells"]] == ["blast", "blast"]


def test_saying_the_same_again_writes_nothing(cast, reader):
    case = case_in_review(cast)
    chosen = cells_named(case, CellClass.BLAST)
    for _ in range(2):
        rows = cells_correct(actor=reader, case=case, cell_ids=chosen, cell_class="monocyte")
    assert rows == []
    assert CellCorrection.objects.count() == len(chosen)
    assert AuditEvent.objects.filter(action="case.correct").count() == 1


def test_undo_is_a_new_row_that_goes_back_to_the_suggestion(cast, reader):
    case = case_in_review(cast)
    (first, *_) = cells_named(case, CellClass.BLAST)
    for cell_class in ("monocyte", ""):
        cells_correct(actor=reader, case=case, cell_ids=[first], cell_class=cell_class)
    cell = next(cell for cell in cells_of(case) if cell.id == first)
    assert (cell.corrected, cell.effective) == (None, "blast")
    assert CellCorrection.objects.filter(cell_id=first).count() == 2


def test_confirming_the_suggestion_counts_as_reviewed(cast, reader):
    case = case_in_review(cast)
    chosen = cells_named(case, CellClass.UNIDENTIFIED)
    cells_correct(actor=reader, case=case, cell_ids=chosen, cell_class=CellClass.UNIDENTIFIED)
    count = differential_of(cells_of(case))
    assert (count.unidentified_unreviewed, count.counts["unidentified"]) == (0, 2)


def test_cells_of_other_cases_and_unknown_classes_are_refused(cast, reader):
    case, other = case_in_review(cast), case_in_review(cast)
    foreign = cells_named(other, CellClass.BLAST)
    with pytest.raises(Invalid, match="another case"):
        cells_correct(actor=reader, case=case, cell_ids=foreign, cell_class="blast")
    with pytest.raises(Invalid, match="not a class"):
        cells_correct(actor=reader, case=case, cell_ids=foreign, cell_class="giraffe")


def test_only_the_reader_in_charge_corrects_and_only_in_review(cast, reader):
    case = case_in_review(cast)
    chosen = cells_named(case, CellClass.BLAST)
    with pytest.raises(NotAllowed, match=r"with Dr\. Mira Keller"):
        cells_correct(
            actor=actor_of_user(cast.second_reader), case=case, cell_ids=chosen, cell_class=""
        )
    Case.objects.update(status=CaseStatus.SIGNED)
    with pytest.raises(Conflict, match="now 'Signed'"):
        cells_correct(actor=reader, case=case, cell_ids=chosen, cell_class="")


def test_reading_a_case_costs_the_same_however_many_images(cast, django_assert_num_queries):
    case = ready_case(cast)
    for _ in range(4):
        add_image(case, {CellClass.BLAST: 2})
    with django_assert_num_queries(4):
        assert len(cells_of(case)) == 18
