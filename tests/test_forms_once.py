"""Every form of the product: sent a second time, it changes nothing and leads to the same place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.actors import actor_of_user
from accounts.models import Organisation, SentForm, User
from accounts.once import TOKEN
from cases.choices import CaseStatus
from cases.models import Case, Patient, ReportVersion
from cases.services.amending import case_reopen
from tests import factories
from tests.conftest import Cast
from tests.permissions import ROUTES
from tests.world import World, make_world  # noqa: F401  (a fixture)

A_TOKEN = "0c6e2b0e-4d1c-4d8e-9d0e-6a1f7f0a9b11"
PATIENT = {"name": "Ana Otieno", "mrn": "77", "birth_date": "2019-02-03", "sex": "female"}
CASE = {"specimen": "bone_marrow", "stain": "giemsa", "priority": "1"}
REASON = {"reason_code": "other", "reason": "A test."}
SIGNED = {"conclusion": "suspected_all", "meaning": "authorship", "password": factories.PASSWORD}
NAMED = {"name": "Riverside", "time_zone": "UTC"}
TOLD = {"report": "1", "told_name": "Sister Agnes"}
TOKEN_FORM = {"name": "scanner 2", "scopes": "cases:read", "days": "30"}
S = CaseStatus

FORMS: dict[str, tuple[str, str, str, dict[str, str]]] = {
    # route             person               about    state    what is typed
    "cases:patient_new": ("submitter", "", "", {**PATIENT, "clinic": "{clinic}"}),
    "cases:patient_edit": ("submitter", "patient", "", PATIENT),
    "cases:case_new": ("submitter", "patient", "", CASE),
    "cases:case_edit": ("submitter", "case", S.DRAFT, CASE),
    "cases:case_submit": ("submitter", "case", S.DRAFT, {}),
    "cases:case_recall": ("submitter", "case", S.READY, {}),
    "cases:case_retry": ("submitter", "case", S.READY, {}),
    "cases:case_cancel": ("submitter", "case", S.READY, REASON),
    "cases:case_claim": ("second_reader", "case", S.READY, {}),
    "cases:case_assign": ("laboratory_administrator", "case", S.READY, {"reader": "{reader}"}),
    "cases:case_release": ("first_reader", "case", S.IN_REVIEW, {}),
    "cases:case_return": ("first_reader", "case", S.IN_REVIEW, REASON),
    "cases:case_sign": ("first_reader", "case", S.IN_REVIEW, SIGNED),
    "cases:case_reopen": ("first_reader", "case", S.SIGNED, {}),
    "cases:case_append": ("first_reader", "case", S.SIGNED, {**SIGNED, "text": "Seen again."}),
    "cases:case_amend": ("first_reader", "case", S.AMENDING, {**SIGNED, "reason": "A slip."}),
    "cases:case_abandon": ("first_reader", "case", S.AMENDING, {}),
    "cases:image_remove": ("submitter", "image", S.DRAFT, {}),
    "cases:image_move": ("submitter", "image", S.DRAFT, {"to": "1"}),
    "accounts:profile": ("submitter", "", "", {"name": "Sana Ito"}),
    "accounts:user_invite": (
        "administrator",
        "",
        "",
        {"email": "x@y.org", "name": "X", "organisation": "{clinic}", "role": "submitter"},
    ),
    "accounts:user_detail": (
        "administrator",
        "person",
        "",
        {"organisation": "{clinic}", "role": "administrator"},
    ),
    "accounts:user_deactivate": ("administrator", "person", "", {}),
    "accounts:user_sign_out": ("administrator", "person", "", {}),
    "accounts:role_take": ("administrator", "membership", "", {}),
    "accounts:organisation_new": (
        "site_administrator",
        "",
        "",
        {**NAMED, "code": "NEW", "kind": "clinic"},
    ),
    "accounts:organisation_detail": ("administrator", "clinic", "", NAMED),
    "accounts:agreement_make": ("administrator", "clinic", "", {"laboratory": "{far}"}),
    "accounts:user_activate": ("administrator", "person", "", {}),
    "accounts:invitation_repeat": ("administrator", "membership", "", {}),
    "accounts:role_accept": ("colleague", "membership", "", {}),
    "accounts:role_decline": ("colleague", "membership", "", {}),
    "accounts:letterhead": ("laboratory_administrator", "laboratory", "", {"address": "1 Road"}),
    "accounts:audit_verify": ("administrator", "", "", {}),
    "cases:critical_acknowledge": ("submitter", "case", S.SIGNED, {"report": "1"}),
    "cases:critical_telephone": ("first_reader", "case", S.SIGNED, TOLD),
    "inference:model_retire": ("site_administrator", "model", "", {"reason": "Drift."}),
    "accounts:sign_out_everywhere": ("submitter", "", "", {}),
    "cases:notice_choices": ("submitter", "", "", {}),
    "cases:filter_save": (
        "first_reader",
        "",
        "",
        {"page": "queue", "name": "Mine 2", "query": "mine=on"},
    ),
    "cases:filter_forget": ("first_reader", "view", "", {}),
    "cases:agreement_end": ("administrator", "agreement", "", {}),
    "accounts:token_new": ("administrator", "", "", {**TOKEN_FORM, "organisation": "{clinic}"}),
    "accounts:token_revoke": ("administrator", "token", "", {}),
    "account_change_password": (
        "submitter",
        "",
        "",
        {
            "oldpassword": factories.PASSWORD,
            "password1": "another-long-secret",
            "password2": "another-long-secret",
        },
    ),
}
NOT_WALKED = {
    "cases:reading_steps": "each step carries an id of its own",
    "cases:case_pictures": "says the whole choice each time",
    "cases:case_difference": "writes nothing",
    "cases:case_preview": "writes nothing",
    "cases:still_here": "writes nothing",
    "cases:live_since": "for machines, writes nothing",
    "inference:model_activate": "the view of model_retire",
    "inference:model_roll_back": "the view of model_retire",
    "inference:model_shadow": "the view of model_retire",
    "inference:model_unshadow": "the view of model_retire",
    "accounts:draft": "says the whole draft each time",
    "accounts:invitation": "opens with a link that is good once",
}
"""Takes POST, and why it is not walked here."""
ENDS_THE_SESSION = {"account_change_password", "accounts:sign_out_everywhere"}
BY_NATURE = {
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "mfa_authenticate",
    "mfa_reauthenticate",
}
"""The same again does the same, and the first changes the session under the second."""


def _views(resolver: URLResolver, namespace: str = "") -> Any:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _views(entry, ":".join(filter(None, [namespace, entry.namespace or ""])))
        elif isinstance(entry, URLPattern):
            yield ":".join(filter(None, [namespace, entry.name or ""])), entry.callback


def test_no_page_takes_a_form_without_minding_a_second_click():
    pages = {
        name: view
        for name, view in _views(get_resolver())
        if name.split(":")[0] in {"cases", "accounts", "inference"}
        or name.startswith(("account_", "mfa_"))
    }
    minding = {name for name, view in pages.items() if hasattr(view, "is_once")}
    itself = {name for name, view in pages.items() if hasattr(view, "manages_itself")}
    assert itself == {"cases:case_sign", "cases:case_amend", "cases:case_append"}
    assert set(pages) - minding - itself <= BY_NATURE | {"cases:live_since"}


def test_every_form_that_is_rendered_carries_a_token():
    form = re.compile(r'<form[^>]*method="post".*?</form>', re.DOTALL)
    for template in Path(settings.ROOT / "templates").rglob("*.html"):
        for found in form.findall(template.read_text()):
            assert "{% form_token" in found, f"{template}: {found[:120]}"


OURS = ("cases", "accounts", "inference")
UNLISTED = sorted(
    name for name in set(ROUTES) - set(FORMS) - set(NOT_WALKED) if name.split(":")[0] in OURS
)


@pytest.mark.parametrize("name", UNLISTED)
def test_a_route_that_is_in_no_table_takes_no_form(name: str, cast: Cast, world: World):
    row = ROUTES[name]
    client = Client()
    client.force_login(getattr(cast, min(row.allowed, default="submitter")))
    address = reverse(name, kwargs=world.arguments(row.about, row.extra))
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("name", FORMS)
def test_the_same_form_again_changes_nothing_and_leads_to_the_same_place(
    name: str, cast: Cast, world: World
):
    person, about, state, typed = FORMS[name]
    client = Client()
    client.force_login(getattr(cast, person))
    _put(world, state, cast)
    address = reverse(name, kwargs=world.arguments(about, {}))
    far = Organisation.objects.get(code="FAR").pk
    typed = {name: text.replace("{far}", str(far)) for name, text in typed.items()}
    form = {**world.filled(typed), TOKEN: A_TOKEN}
    first = client.post(address, form)
    assert first.status_code in {200, 302}, first.content.decode()[:4000]
    if name in ENDS_THE_SESSION:  # so that a second click would come too late
        client.force_login(User.objects.get(pk=getattr(cast, person).pk))
    before = _everything()
    second = client.post(address, form)
    assert second.status_code == 302
    if first.status_code == 302:
        assert second["Location"] == first["Location"]
        assert _told(second) == _told(first)
    assert _everything() == before


def _put(world: World, state: str, cast: Cast) -> None:
    """The world's case in a state, with what such a case has."""
    case = world.rows["case"]
    assert isinstance(case, Case)
    if state in {S.DRAFT, S.IN_REVIEW}:
        _without_report(case)
    if state == S.AMENDING:
        Case.objects.filter(pk=case.pk).update(status=S.SIGNED)
        case_reopen(actor=actor_of_user(cast.first_reader), case=case)
    if state:
        Case.objects.filter(pk=case.pk).update(status=state)


def _without_report(case: Case) -> None:
    """A world whose case was never signed: its report goes to another case."""
    other = factories.CaseFactory(patient=case.patient)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_reportversion DISABLE TRIGGER USER")
        ReportVersion.objects.filter(case=case).update(case=other)
        cursor.execute("ALTER TABLE cases_reportversion ENABLE TRIGGER USER")


def _everything() -> dict[str, list[Any]]:
    """All rows of the product but those that only remember forms and sessions."""
    models = [m for app in ("accounts", "cases", "inference", "core") for m in _models(app)]
    return {m.__name__: list(m._base_manager.order_by("pk").values()) for m in models}


def _models(app: str) -> list[Any]:
    return [model for model in apps.get_app_config(app).get_models() if model is not SentForm]


def _told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_a_form_that_was_refused_may_be_sent_again(cast: Cast, world: World):
    client = Client()
    client.force_login(cast.submitter)
    form = {**PATIENT, "clinic": str(cast.clinic.pk), "birth_date": "2999-01-01", TOKEN: A_TOKEN}
    address = reverse("cases:patient_new")
    assert client.post(address, form).status_code == 422
    assert client.post(address, {**form, "birth_date": "2019-02-03"}).status_code == 302
    assert Patient.objects.filter(mrn="77").count() == 1


def test_other_words_in_a_form_from_before_are_not_taken_for_the_first(cast: Cast, world: World):
    client = Client()
    client.force_login(cast.submitter)
    form = {**PATIENT, "clinic": str(cast.clinic.pk), TOKEN: A_TOKEN}
    for mrn in ("77", "78", "78"):
        client.post(reverse("cases:patient_new"), {**form, "mrn": mrn, "name": f"Ana {mrn}"})
    assert Patient.objects.filter(mrn__in=["77", "78"]).count() == 2


def test_a_token_of_one_person_says_nothing_about_another(cast: Cast, world: World):
    form = {**PATIENT, "clinic": str(cast.clinic.pk), TOKEN: A_TOKEN}
    answers = []
    for person in (cast.submitter, cast.colleague):
        client = Client()
        client.force_login(person)
        answers.append(client.post(reverse("cases:patient_new"), form))
    assert [answer.status_code for answer in answers] == [302, 422]


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_patient_and_both_land_on_it(cast: Cast, at_the_same_time):
    form = {**PATIENT, "clinic": str(cast.clinic.pk), TOKEN: A_TOKEN}

    def click() -> str:
        client = Client()
        client.force_login(cast.submitter)
        return client.post(reverse("cases:patient_new"), form)["Location"]

    landed = at_the_same_time(click, click, click)
    patient = Patient.objects.get(mrn="77")
    assert set(landed) == {reverse("cases:patient_detail", args=[patient.pk])}
