"""Choosing pictures on the sign page, and the preview."""

from django.urls import reverse

from cases.models import PictureChoice, ReportVersion
from inference.models import Cell
from tests.cases.reading import case_in_review, ready_case, reopened_case
from tests.cases.typeset.scripts import pages_of

COUNT = {"blast": 2, "lymphocyte": 15}


def test_the_sign_page_asks_for_the_pictures_and_a_tick_is_kept_at_once(cast, client_of):
    case = case_in_review(cast, COUNT)
    client, address = client_of(cast.first_reader), reverse("cases:case_pictures", args=[case.pk])
    page = client.get(reverse("cases:case_sign", args=[case.pk])).content.decode()
    assert f'hx-get="{address}"' in page
    before = client.get(address).content.decode()
    assert "chosen by the program" in before
    assert before.count(" checked") == 12 + 1
    only = Cell.objects.filter(cell_class="lymphocyte").last()
    after = client.post(address, {"cells": [only.pk], "field": ""}).content.decode()
    assert "1 cell," in after
    assert "chosen by the reader" in after
    assert f'value="{only.pk}" checked' in after
    again = client.post(address, {"again": "1"}).content.decode()
    assert "chosen by the program" in again


def test_too_many_are_said_and_the_choice_before_stays(cast, client_of):
    case = case_in_review(cast, COUNT)
    client, address = client_of(cast.first_reader), reverse("cases:case_pictures", args=[case.pk])
    cells = [one.pk for one in Cell.objects.all()]
    client.post(address, {"cells": cells[:2]})
    answer = client.post(address, {"cells": cells}).content.decode()
    assert "At most 12 cells fit on the report" in answer
    assert "2 cells" in answer
    nonsense = client.post(address, {"cells": ["nonsense"]}).content.decode()
    assert "not understood" in nonsense
    assert len(PictureChoice.objects.get().cells) == 2


def test_a_preview_shows_what_is_typed_and_keeps_nothing(cast, client_of):
    case = case_in_review(cast, COUNT)
    client, address = client_of(cast.first_reader), reverse("cases:case_preview", args=[case.pk])
    empty = pages_of(client.post(address).content)
    assert "No conclusion chosen yet" in empty
    said = {"conclusion": "suspected_all", "comment": "রক্তের পরীক্ষা", "password": "secret"}
    found = pages_of(client.post(address, said).content)
    assert found.count("Preview, not signed") >= 2
    assert "Morphology suspicious for acute lymphoblastic leukaemia" in found
    assert "রক্তের পরীক্ষা" in found
    assert "Not signed" in found
    assert "Signed by" not in found
    assert not ReportVersion.objects.exists()


def test_a_preview_of_an_amendment_says_what_it_replaces(cast, client_of):
    case = reopened_case(cast)
    said = {"conclusion": "indeterminate", "reason": "Flow cytometry disagrees."}
    address = reverse("cases:case_preview", args=[case.pk])
    found = pages_of(client_of(cast.first_reader).post(address, said).content)
    assert "Amended report, version 2, replaces version 1" in found
    assert "Flow cytometry disagrees." in found


def test_whoever_has_not_the_case_in_her_hands_previews_and_chooses_nothing(cast, client_of):
    case = ready_case(cast, COUNT)
    for name in ("case_preview", "case_pictures"):
        address = reverse(f"cases:{name}", args=[case.pk])
        assert client_of(cast.first_reader).post(address).status_code == 409
        assert client_of(cast.submitter).post(address).status_code == 403
        assert client_of(cast.outsider).post(address).status_code == 404
