"""The demo: people with known passwords, and cases in every state."""

import json
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from accounts.actors import actor_of_user
from accounts.models import AuditEvent, User
from accounts.services.audit_chain import first_broken_link
from cases.choices import CaseStatus
from cases.models import Case, ReportVersion, SmearImage
from cases.selectors.queue import review_queue
from cases.services.demo import LOGINS, PASSWORD, build, story
from cases.services.demo.recipes import RECIPES
from cases.services.reports import verify
from cases.services.review import case_claim
from inference.models import AnalysisRun, ModelVersion
from telepath.core.errors import Invalid
from tests.inference import fakes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick_registration(settings):
    """The check of an export has its own tests; the model itself is the real one."""
    settings.MODEL_VERIFIER = fakes.VERIFIER


@pytest.fixture
def short_story(monkeypatch):
    """Two cases are enough for what does not ask for all of them."""
    return only(monkeypatch, "DEMO-10", "DEMO-13")


def only(monkeypatch, *numbers):
    kept = tuple(recipe for recipe in RECIPES if recipe.mrn in numbers)
    monkeypatch.setattr("cases.services.demo.builder.RECIPES", kept)
    return kept


@pytest.fixture
def no_model(settings, tmp_path):
    settings.MODEL_PACKAGES = str(tmp_path)


def test_there_is_a_case_in_every_state_and_all_of_it_holds():
    build()
    states = Counter(Case.objects.values_list("status", flat=True))
    assert set(states) == set(CaseStatus.values)
    assert states[CaseStatus.READY] == 4
    assert Case.objects.filter(is_synthetic=False).count() == 0
    assert all(verify(report) for report in ReportVersion.objects.all())
    assert not ReportVersion.objects.filter(pdf_key="").exists()
    chains = set(AuditEvent.objects.values_list("chain", flat=True))
    assert {first_broken_link(chain) for chain in chains} == {None}
    assert _suggested("DEMO-01") == {"Early"}
    assert _suggested("DEMO-02") == {"Benign"}
    reader = actor_of_user(User.objects.get(email="mira@central.example"))
    queue = review_queue(actor=reader)
    assert queue[0].get_priority_display() == "Critical"
    assert any(case.no_ai_reason for case in queue)
    assert any(case.blasts or case.flags for case in queue)


def _suggested(mrn: str) -> set[str]:
    """What the shipped model says of the fields of a case, as it stands there for a newcomer."""
    images = SmearImage.objects.filter(case__patient__mrn=mrn)
    runs = AnalysisRun.objects.filter(pk__in=images.values("run_id"))
    return {run.result["decision"] for run in runs}


def test_everybody_can_sign_in_with_the_password_that_is_printed(short_story, no_model, capsys):
    call_command("demo")
    printed = capsys.readouterr().out
    for login in LOGINS:
        assert User.objects.get(email=login.email).check_password(PASSWORD)
        assert login.email in printed
    assert User.objects.get(email="site@telepath.example").is_superuser


def test_a_second_run_changes_nothing_that_people_did(short_story, no_model):
    build()
    before = AuditEvent.objects.count(), Case.objects.count()
    Case.objects.all().update(status=CaseStatus.READY, assignee=None)
    build()
    assert (AuditEvent.objects.count(), Case.objects.count()) == before
    assert set(Case.objects.values_list("status", flat=True)) == {CaseStatus.READY}


def test_a_run_that_was_cut_short_is_carried_on(short_story, no_model, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(story, "check_pictures", _killed)
        with pytest.raises(KeyboardInterrupt):
            build()
    assert not AuditEvent.objects.filter(action="demo.made").exists()
    build()
    assert Case.objects.count() == len(short_story)
    assert set(Case.objects.values_list("status", flat=True)) == {r.until for r in short_story}


def test_without_a_model_the_demo_says_so_and_goes_on(no_model, monkeypatch):
    only(monkeypatch, "DEMO-02", "DEMO-06")
    said = []
    build(say=said.append)
    assert any(words.startswith("No model: ") for words in said)
    assert not ModelVersion.objects.exists()
    assert all(Case.objects.values_list("no_ai_reason", flat=True))
    assert Case.objects.filter(status=CaseStatus.SIGNED).count() == 1


def test_a_case_that_somebody_took_is_not_taken_away(short_story, no_model):
    build()
    case = Case.objects.first()
    Case.objects.update(status=CaseStatus.READY)
    reader = actor_of_user(User.objects.get(email="jonas@central.example"))
    case_claim(actor=reader, case=case)
    build()
    case.refresh_from_db()
    assert str(case.assignee) == "Dr. Jonas Weiß"


def test_production_is_refused(settings):
    settings.TELEPATH_ENVIRONMENT = "production"
    with pytest.raises(Invalid, match="never made in production"):
        build()
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("demo")
    assert not User.objects.exists()


def test_the_logins_are_told_as_json_without_a_database(capsys, django_assert_num_queries):
    with django_assert_num_queries(0):
        call_command("demo", "--logins")
    logins = json.loads(capsys.readouterr().out)
    assert {login["role"] for login in logins} >= {"submitter", "pathologist", "administrator"}
    assert all(login["password"] for login in logins)


def _killed(*_):
    raise KeyboardInterrupt
