"""What is typed is kept for whoever typed it, until it is sent, discarded or too old."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Draft, SentForm
from accounts.services.drafts import KEPT_DRAFTS, draft_keep
from accounts.tasks import TYPED_KEPT, sweep_typed

NEW = reverse("cases:patient_new")
DRAFT = reverse("accounts:draft", args=["patient.new"])


def keep(client, **typed):
    return client.put(DRAFT, json.dumps(typed), content_type="application/json")


def test_what_was_typed_is_in_the_form_again_and_says_from_when(cast, client_of):
    client = client_of(cast.submitter)
    assert keep(client, name="Ana Otieno", sex="male").status_code == 204
    page = client_of(cast.submitter).get(NEW).content.decode()  # another session, another device
    assert 'value="Ana Otieno"' in page
    assert '<option value="male" selected>' in page
    assert "restored" in page
    assert "Ana Otieno" not in client_of(cast.colleague).get(NEW).content.decode()


def test_a_draft_is_gone_once_it_was_sent_and_a_late_one_does_not_bring_it_back(cast, client_of):
    client = client_of(cast.submitter)
    token = str(uuid4())
    keep(client, name="Ana", form_token=token)
    form = {"name": "Ana", "mrn": "7", "birth_date": "2019-02-03", "sex": "female"}
    form |= {"clinic": str(cast.clinic.pk), "form_token": token, "draft_key": "patient.new"}
    assert client.post(NEW, form).status_code == 302
    assert not Draft.objects.exists()
    assert keep(client, name="Ana", form_token=token).status_code == 204
    assert not Draft.objects.exists()


def test_a_form_that_was_refused_keeps_its_draft(cast, client_of):
    client = client_of(cast.submitter)
    keep(client, name="Ana")
    page = client.post(NEW, {"name": "Ana B", "form_token": str(uuid4())})
    assert 'value="Ana B"' in page.content.decode()
    assert Draft.objects.get().fields == {"name": "Ana"}


def test_a_draft_is_discarded_on_wish_and_leads_back_to_its_page(cast, client_of):
    client = client_of(cast.submitter)
    keep(client, name="Ana")
    assert client.post(DRAFT, {"next": NEW})["Location"] == NEW
    assert client.post(DRAFT, {"next": "https://elsewhere.example/"})["Location"] == "/"
    assert not Draft.objects.exists()
    keep(client, name="Ana")
    assert client.delete(DRAFT).status_code == 204
    assert not Draft.objects.exists()


def test_an_empty_form_is_no_draft(cast, client_of):
    client = client_of(cast.submitter)
    keep(client, name="Ana")
    keep(client, name=" ", mrn="")
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "body",
    ["nothing", "[]", '{"name": 3}', '{"password": "secret"}', json.dumps({"a": "x" * 50_000})],
)
def test_what_is_no_draft_is_refused_and_a_password_is_never_kept(body, cast, client_of):
    answer = client_of(cast.submitter).put(DRAFT, body, content_type="application/json")
    assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_the_character_that_the_database_refuses_is_left_out(cast, client_of):
    keep(client_of(cast.submitter), name="A\0na")
    assert Draft.objects.get().fields == {"name": "Ana"}


def test_somebody_who_was_signed_out_is_told_and_nothing_is_kept(client, db):
    answer = client.put(
        DRAFT, "{}", content_type="application/json", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 401


def test_one_person_has_so_many_drafts_and_the_oldest_go(cast, as_actor):
    actor = as_actor(cast.submitter)
    for number in range(KEPT_DRAFTS + 2):
        draft_keep(actor=actor, key=f"form.{number}", token="", fields={"a": "b"})
    assert Draft.objects.count() == KEPT_DRAFTS
    assert not Draft.objects.filter(key__in=["form.0", "form.1"]).exists()


def test_what_nobody_came_back_to_is_forgotten(cast, client_of):
    keep(client_of(cast.submitter), name="Ana")
    SentForm.objects.create(key="k", token="t")
    Draft.objects.update(at=timezone.now() - TYPED_KEPT - timedelta(days=1))
    sweep_typed()
    assert (Draft.objects.count(), SentForm.objects.count()) == (0, 1)
    SentForm.objects.update(at=timezone.now() - TYPED_KEPT - timedelta(days=1))
    sweep_typed()
    assert not SentForm.objects.exists()


def test_a_page_may_ask_for_what_came_after_it_was_written(cast, client_of):
    client = client_of(cast.submitter)
    assert client.get(DRAFT).json() == {}
    keep(client, name="Ana")
    assert client.get(DRAFT).json() == {"name": "Ana"}
    assert client_of(cast.colleague).get(DRAFT).json() == {}
