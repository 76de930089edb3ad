"""An administrator puts a case into a reader's hands."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import ReadingAgreement
from cases.models import Case
from tests.cases.reading import ready_case


@pytest.fixture
def chief(cast, client_of):
    return client_of(cast.laboratory_administrator)


@pytest.fixture
def address(cast):
    return reverse("cases:case_assign", args=[ready_case(cast).pk])


def test_only_those_who_read_for_the_clinic_are_offered(chief, cast, address):
    page = chief.get(address).content.decode()
    assert cast.first_reader.name in page
    assert cast.second_reader.name in page
    assert cast.outside_reader.name not in page


def test_the_case_is_with_the_chosen_reader_and_the_page_says_so(chief, cast, address):
    answer = chief.post(address, {"reader": cast.second_reader.pk}, follow=True)
    assert Case.objects.get().assignee == cast.second_reader
    assert f"is with {cast.second_reader} now" in answer.content.decode()


def test_somebody_who_does_not_read_for_the_clinic_is_refused(chief, cast, address):
    answer = chief.post(address, {"reader": cast.outside_reader.pk})
    assert answer.status_code == 422
    assert Case.objects.get().assignee is None


def test_without_a_laboratory_the_page_says_what_to_do(cast, client_of, address):
    administrator = client_of(cast.administrator)
    ReadingAgreement.objects.update(is_active=False)
    assert "Make a reading agreement" in administrator.get(address).content.decode()


def test_the_case_page_offers_it_to_administrators_alone(chief, cast, client_of, address):
    page = reverse("cases:case_detail", args=[Case.objects.get().pk])
    assert address in chief.get(page).content.decode()
    assert address not in client_of(cast.first_reader).get(page).content.decode()


def test_a_case_is_assigned_until_its_reader_opens_it_and_in_review_from_then_on(
    chief, cast, client_of, address
):
    chief.post(address, {"reader": cast.second_reader.pk})
    page = reverse("cases:case_detail", args=[Case.objects.get().pk])
    for client in (chief, client_of(cast.first_reader)):  # looking does not open it for her
        assert "Assigned</span>" in client.get(page).content.decode()
    assert "In review</span>" in client_of(cast.second_reader).get(page).content.decode()
    assert "In review</span>" in chief.get(page).content.decode()
    chief.post(address, {"reader": cast.first_reader.pk})
    assert Case.objects.get().is_unopened
