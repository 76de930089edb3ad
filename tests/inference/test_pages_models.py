"""Pages and API of models."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.urls import reverse

from inference.models import ModelVersion
from inference.services.registry import model_activate, model_register
from tests.factories import UserFactory
from tests.inference.conftest import SYSTEM, judged, register
from tests.inference.packages import AT_LENGTH, FAILED, write_failed, write_package

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(packages) -> ModelVersion:
    return model_register(actor=SYSTEM, folder=write_package(packages)).model


@pytest.fixture
def site_administrator(client_of):
    return client_of(UserFactory(is_superuser=True, name="Site Admin"))


def test_without_models_the_page_says_what_to_do(cast, client_of):
    page = client_of(cast.first_reader).get(reverse("inference:model_list"))
    assert "models register --activate" in page.content.decode()


def test_the_list_warns_while_no_model_is_active(cast, client_of, registered):
    page = client_of(cast.first_reader).get(reverse("inference:model_list")).content.decode()
    assert "No model is active" in page
    assert "cells 1.0" in page


def test_the_card_shows_data_figures_and_limits_and_the_clinical_position(
    cast, client_of, registered
):
    page = client_of(cast.first_reader).get(reverse("inference:model_detail", args=[registered.pk]))
    text = page.content.decode()
    for words in ("appearance group", "0.713", "One hospital, one stain.", "flow cytometry"):
        assert words in text
    assert "Activate cells" not in text


def test_a_card_without_figures_is_warned_of(cast, client_of, registered):
    ModelVersion.objects.update(card={})
    page = client_of(cast.first_reader).get(reverse("inference:model_detail", args=[registered.pk]))
    assert "The card holds no figures" in page.content.decode()
    assert "confirmed by flow cytometry" in page.content.decode()


def test_a_site_administrator_activates_with_a_reason(site_administrator, registered):
    address = reverse("inference:model_activate", args=[registered.pk])
    without = site_administrator.post(address, {"reason": ""})
    assert without.status_code == 422
    assert "Say why" in without.content.decode()

    page = site_administrator.post(address, {"reason": "first model"}, follow=True)
    assert "is active now" in page.content.decode()
    registered.refresh_from_db()
    assert registered.status == "active"


def test_an_active_model_is_retired_with_a_reason(site_administrator, registered):
    ModelVersion.objects.update(status="active")
    address = reverse("inference:model_retire", args=[registered.pk])
    site_administrator.post(address, {"reason": "drift"})
    registered.refresh_from_db()
    assert registered.status == "retired"


def test_a_model_that_cannot_be_activated_says_why_on_its_page(
    site_administrator, registered, packages
):
    write_package(packages, weights=b"other")
    address = reverse("inference:model_activate", args=[registered.pk])
    page = site_administrator.post(address, {"reason": "try"})
    assert page.status_code == 422
    assert "other weights" in page.content.decode()


def test_nobody_else_activates(cast, client_of, registered):
    address = reverse("inference:model_activate", args=[registered.pk])
    for person in (cast.submitter, cast.first_reader, cast.administrator):
        assert client_of(person).post(address, {"reason": "x"}).status_code == 403
    assert not ModelVersion.objects.filter(status="active").exists()


def test_models_are_read_through_the_api(cast, client_of, registered):
    client = client_of(cast.first_reader)
    listed = client.get("/api/v1/models/").json()
    assert [model["name"] for model in listed["results"]] == ["cells"]
    assert client.get(f"/api/v1/models/{registered.pk}/").json()["audit_passed"] is True
    assert client.post("/api/v1/models/", {}).status_code in {403, 405}


@pytest.fixture
def failed(packages) -> ModelVersion:
    """A registered model whose audit did not pass."""
    return register(write_failed(packages, version="0.9"))


@pytest.fixture
def two(packages) -> tuple[ModelVersion, ModelVersion]:
    """The first active, after the second was: so a roll-back goes to the second."""
    figures = [
        {"split": "appearance_group", "all": {"accuracy": 0.7, "decided_wrong": 0.04}},
        {"split": "random", "all": {"accuracy": 0.98}},
    ]
    first, second = (
        model_register(
            actor=SYSTEM, folder=write_package(packages, version=version, figures=figures)
        ).model
        for version in ("1.0", "2.0")
    )
    model_activate(actor=SYSTEM, model=second)
    model_activate(actor=SYSTEM, model=first)
    return first, second


def address_of(model: ModelVersion, page: str = "detail") -> str:
    return reverse(f"inference:model_{page}", args=[model.pk])


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def test_what_failed_stands_beside_the_form_and_in_the_list(site_administrator, failed):
    page = text_of(site_administrator.get(address_of(failed)))
    assert FAILED in page
    assert "at least 20 letters" in page
    assert "Not passed" in text_of(site_administrator.get(reverse("inference:model_list")))


def test_a_failed_model_is_activated_on_its_page_only_with_a_long_reason(
    site_administrator, failed
):
    refused = site_administrator.post(address_of(failed, "activate"), {"reason": "because"})
    assert refused.status_code == 422
    assert "cannot be activated without a reason" in text_of(refused)
    assert "because" in text_of(refused)
    site_administrator.post(address_of(failed, "activate"), {"reason": AT_LENGTH})
    failed.refresh_from_db()
    assert failed.status == "active"
    page = text_of(site_administrator.get(address_of(failed)))
    assert AT_LENGTH in page
    assert "Site Admin" in page


def test_an_administrator_rolls_back_from_the_page_of_the_active_model(site_administrator, two):
    first, second = two
    page = text_of(site_administrator.get(address_of(first)))
    assert f'That is <a href="{address_of(second)}">cells 2.0</a>' in page
    done = site_administrator.post(
        address_of(first, "roll_back"), {"reason": "worse here"}, follow=True
    )
    assert "cells 2.0 is active again." in text_of(done)
    again = site_administrator.post(address_of(first, "roll_back"), {"reason": "worse here"})
    assert again.status_code == 422
    assert "cells 1.0 is not active any more" in text_of(again)


def test_without_a_model_before_the_page_says_so_instead_of_a_button(
    site_administrator, registered
):
    model_activate(actor=SYSTEM, model=registered)
    page = text_of(site_administrator.get(address_of(registered)))
    assert "none to go back to" in page
    assert "Leave cells 1.0" not in page


def test_a_shadow_begins_and_ends_on_its_page(site_administrator, two):
    _, second = two
    assert site_administrator.post(address_of(second, "shadow"), {"reason": ""}).status_code == 422
    begun = site_administrator.post(address_of(second, "shadow"), {"reason": "try"}, follow=True)
    assert "cells 2.0 runs in the shadow now." in text_of(begun)
    assert "No image was judged by both yet" in text_of(begun)
    ended = site_administrator.post(address_of(second, "unshadow"), {"reason": "enough"})
    assert ended.status_code == 302
    assert not ModelVersion.objects.filter(status="shadow").exists()


def test_the_agreement_is_for_administrators_of_the_site_alone(
    cast, client_of, site_administrator, two
):
    first, second = two
    judged(first, "Pre", second, "unsure")
    judged(first, "Pre", second, "Pre")
    address = f"{reverse('inference:model_compare')}?first={first.pk}&second={second.pk}"
    for page in (address, address_of(second)):
        text = text_of(site_administrator.get(page))
        assert "1 (50.0 %)" in text
        assert "<td>Pre</td><td>unsure</td>" in text
        for person in (cast.submitter, cast.first_reader, cast.administrator):
            text = text_of(client_of(person).get(page))
            assert "50.0 %" not in text
            assert "<td>unsure</td>" not in text


def test_two_models_are_compared_by_word_and_sign(cast, client_of, two):
    first, second = two
    figures = [{"split": "appearance_group", "all": {"accuracy": 0.75, "decided_wrong": 0.05}}]
    ModelVersion.objects.filter(pk=second.pk).update(card={"figures": figures})
    client = client_of(cast.first_reader)
    address = reverse("inference:model_compare")
    page = text_of(client.get(f"{address}?first={first.pk}&second={second.pk}"))
    for words in ("+0.05", "better", "+0.01", "worse", "only the first"):
        assert words in page
    assert "Choose two models" in text_of(client.get(address))
    nonsense = client.get(f"{address}?first={first.pk}&second=x")
    assert nonsense.status_code == 422
    itself = client.get(f"{address}?first={first.pk}&second={first.pk}")
    assert itself.status_code == 422
    assert "Choose another model than the first." in text_of(itself)


def test_the_newest_model_is_offered_against_the_one_before(cast, client_of, two):
    first, second = two
    page = text_of(client_of(cast.first_reader).get(reverse("inference:model_compare")))
    chosen = re.findall(r'<option value="([^"]+)" selected>', page)
    assert chosen == [str(first.pk), str(second.pk)]


def test_one_model_alone_is_offered_nothing_to_compare(cast, client_of, model):
    page = text_of(client_of(cast.first_reader).get(reverse("inference:model_compare")))
    assert "There are not two models to compare." in page
    assert "<select" not in page


def test_the_list_shows_the_weak_figure_beside_the_strong(cast, client_of, packages):
    groups = {
        "1 (Benign)": {"fields": 121, "accuracy": 0.157},
        "12 (Early)": {"fields": 2, "accuracy": 0.0},
        "30 (Pro)": {"fields": 174, "accuracy": 0.994},
    }
    overall = {"decided": 0.32, "decided_wrong": 0.037, "accuracy": 0.763}
    figures = [
        {"split": "appearance_round", "all": overall, "groups": groups},
        {"split": "random", "all": {"accuracy": 0.901}},
    ]
    model_register(actor=SYSTEM, folder=write_package(packages, figures=figures))
    page = text_of(client_of(cast.first_reader).get(reverse("inference:model_list")))
    for words in ("32.0 %", "3.7 %", "76.3 %", "15.7 %", "1 (Benign)", "90.1 %"):
        assert words in page


@pytest.mark.parametrize(
    "figures", [[], [{}], [{"split": "random", "all": 3}], ["x"], [{"all": {}}]]
)
def test_a_card_with_odd_figures_still_has_its_pages(cast, client_of, packages, figures):
    model, other = (
        model_register(
            actor=SYSTEM, folder=write_package(packages, version=version, figures=figures)
        ).model
        for version in ("1.0", "2.0")
    )
    client = client_of(cast.first_reader)
    for address in (
        reverse("inference:model_list"),
        address_of(model),
        f"{reverse('inference:model_compare')}?first={model.pk}&second={other.pk}",
    ):
        assert client.get(address).status_code == 200
