"""The pictures of a draft stand in the order that the clinic wants."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from cases.choices import CaseStatus
from cases.services.arranging import image_move
from telepath.core.errors import Conflict, Invalid, NotAllowed, NotThere
from tests import factories


@pytest.fixture
def case(cast):
    """A draft of four pictures; the numbers 2 and 5 went with pictures that were removed."""
    case = factories.CaseFactory(
        patient=factories.PatientFactory(clinic=cast.clinic), status=CaseStatus.DRAFT
    )
    for position, name in ((1, "a"), (3, "b"), (4, "c"), (6, "d")):
        factories.SmearImageFactory(case=case, position=position, filename=name)
    return case


def order(case) -> str:
    return "".join(case.images.order_by("position").values_list("filename", flat=True))


@pytest.mark.parametrize(
    ("name", "to", "then"), [("a", 4, "bcda"), ("d", 1, "dabc"), ("b", 3, "acbd"), ("b", 2, "abcd")]
)
def test_a_picture_is_put_at_its_place_and_the_others_close_up(
    cast, case, as_actor, name, to, then
):
    for _ in range(2):
        picture = case.images.get(filename=name)
        image_move(actor=as_actor(cast.submitter), image=picture, to=to)
    assert order(case) == then
    assert list(case.images.values_list("position", flat=True)) == [1, 3, 4, 6]
    moved = AuditEvent.objects.filter(action="image.move")
    assert moved.count() == (then != "abcd"), "once, however often it is asked"


@pytest.mark.parametrize("to", [0, 5])
def test_a_place_that_is_none_is_refused(cast, case, as_actor, to):
    with pytest.raises(Invalid, match="among 4 pictures"):
        image_move(actor=as_actor(cast.submitter), image=case.images.first(), to=to)


def test_readers_know_pictures_by_their_numbers_so_a_returned_case_keeps_them(cast, case, as_actor):
    case.status = CaseStatus.RETURNED
    case.save()
    with pytest.raises(Conflict):
        image_move(actor=as_actor(cast.submitter), image=case.images.first(), to=3)


def test_nobody_but_the_clinic_changes_the_order(cast, case, as_actor):
    for person in (cast.first_reader, cast.outsider, cast.administrator):
        with pytest.raises((NotAllowed, NotThere)):
            image_move(actor=as_actor(person), image=case.images.first(), to=3)
    assert order(case) == "abcd"


def test_two_people_move_at_once_and_no_picture_is_lost(cast, case, as_actor, at_the_same_time):
    first, last = case.images.first(), case.images.last()
    done = at_the_same_time(
        lambda: image_move(actor=as_actor(cast.submitter), image=first, to=4),
        lambda: image_move(actor=as_actor(cast.colleague), image=last, to=1),
    )
    assert done == [None, None]
    assert sorted(order(case)) == ["a", "b", "c", "d"]
    assert list(case.images.values_list("position", flat=True)) == [1, 3, 4, 6]
