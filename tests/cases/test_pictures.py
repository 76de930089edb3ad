"""Which pictures a report carries: the reader's choice, or the best of each class."""

import json
from uuid import uuid4

import pytest

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from cases.models import PictureChoice
from cases.selectors.cells import CellView, cells_of
from cases.selectors.pictures import best_of_each_class, pictures_of
from cases.services.pictures import pictures_choose, pictures_forget
from cases.services.signing import case_sign
from inference.models import Cell
from telepath.core.errors import Conflict, Invalid, NotAllowed
from tests import factories
from tests.cases.reading import CLEAR, SIGNATURE, add_image, case_in_review, signed_case

FIELD = factories.SmearImageFactory.build(width=224, height=224)


def cell(suggested: str, *, bbox=(50, 50, 30, 30), number=1, **more) -> CellView:
    return CellView(uuid4(), FIELD.pk, 1, number, bbox, (), suggested=suggested, **more)


def test_every_class_is_pictured_however_rare():
    cells = [cell("lymphocyte", number=n) for n in range(40)]
    cells += [cell("blast"), cell("monocyte"), cell("neutrophil")]
    chosen = [one.effective for one in best_of_each_class(cells, [FIELD])]
    assert chosen == ["blast"] + ["lymphocyte"] * 9 + ["monocyte", "neutrophil"]


@pytest.mark.parametrize(
    "bbox", [(0, 50, 30, 30), (50, 0, 30, 30), (194, 50, 30, 30), (50, 200, 30, 24)]
)
def test_a_cell_at_the_rim_is_not_pictured_while_there_is_a_whole_one(bbox):
    cut, whole = cell("blast", bbox=bbox), cell("blast")
    assert best_of_each_class([cut, whole], [FIELD]) == [whole]
    assert best_of_each_class([cut], [FIELD]) == [cut]


def test_a_humans_word_comes_first_then_the_surest():
    unsure, sure = cell("blast", doubt=0.4), cell("blast", doubt=0.1)
    said = cell("lymphocyte", corrected="blast", corrected_by="Dr. Mira Keller", doubt=0.9)
    assert best_of_each_class([unsure, sure, said], [FIELD]) == [said, sure, unsure]


def test_the_field_with_the_most_blasts_is_shown_whole(cast):
    case = case_in_review(cast, {"lymphocyte": 30})
    add_image(case, {"blast": 2})
    assert pictures_of(case, cells_of(case)).field == case.images.last()


def test_what_the_reader_chose_is_frozen_into_the_report(cast, reader):
    case = case_in_review(cast, {"blast": 3, "lymphocyte": 9})
    chosen = [one.pk for one in Cell.objects.filter(cell_class="lymphocyte")[:2]]
    for _ in range(2):  # the same again is nothing new
        pictures_choose(actor=reader, case=case, cells=chosen, field=None)
    assert AuditEvent.objects.filter(action="case.illustrate").count() == 1
    report = case_sign(actor=reader, case=case, conclusion="suspected_all", **SIGNATURE)
    document = json.loads(report.document)
    assert [entry["cell"] for entry in document["illustrations"]] == [str(pk) for pk in chosen]
    assert document["field_picture"] is None


def test_the_program_chooses_again_when_asked(cast, reader):
    case = case_in_review(cast, CLEAR)
    pictures_choose(actor=reader, case=case, cells=[], field=case.images.get().pk)
    assert pictures_of(case, cells_of(case)).cells == []
    pictures_forget(actor=reader, case=case)
    assert len(pictures_of(case, cells_of(case)).cells) == 8


def test_too_many_strange_and_late_choices_are_refused(cast, reader):
    case = case_in_review(cast, {"blast": 13})
    cells = [one.pk for one in Cell.objects.all()]
    with pytest.raises(Invalid, match="At most 12"):
        pictures_choose(actor=reader, case=case, cells=cells, field=None)
    with pytest.raises(Invalid, match="another case"):
        pictures_choose(actor=reader, case=case, cells=[uuid4()], field=None)
    with pytest.raises(Invalid, match="another case"):
        pictures_choose(actor=reader, case=case, cells=[], field=uuid4())
    with pytest.raises(NotAllowed):
        other = actor_of_user(cast.second_reader)
        pictures_choose(actor=other, case=case, cells=[], field=None)
    with pytest.raises(Conflict):
        pictures_choose(actor=reader, case=signed_case(cast), cells=[], field=None)
    assert not PictureChoice.objects.exists()
