"""`manage.py models`."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from inference.selectors import active_model
from tests.factories import AnalysisRunFactory, UserFactory
from tests.inference import fakes
from tests.inference.packages import write_package

pytestmark = pytest.mark.django_db


def models(*arguments):
    out = StringIO()
    call_command("models", *arguments, stdout=out)
    return out.getvalue()


def test_an_empty_list_says_what_to_do_next(packages):
    assert "models register --activate" in models("list")


def test_the_newest_shipped_package_is_registered_and_activated(packages):
    write_package(packages, version="1.0")
    write_package(packages, version="1.1")
    assert models("register", "--activate") == "cells 1.1 registered, and is active.\n"
    assert "1.1" in models("list")


def test_a_restart_does_not_undo_what_an_administrator_chose(packages):
    write_package(packages, version="1.0")
    models("register", "--activate")
    write_package(packages, version="1.1")
    models("register", "--activate")
    models("activate", "cells", "1.0", "--reason", "1.1 was worse")

    assert "was registered before" in models("register", "--activate")
    assert active_model().version == "1.0"


def test_the_list_as_json_is_one_object_a_line(packages):
    models("register", str(write_package(packages)))
    (line,) = models("list", "--json").splitlines()
    assert json.loads(line)["status"] == "registered"


def test_a_card_is_shown(packages):
    models("register", str(write_package(packages)))
    assert '"architecture": "cell_cnn"' in models("show", "cells", "1.0")


def test_a_model_is_retired_in_the_name_of_a_person(packages):
    person = UserFactory(is_superuser=True)
    models("register", str(write_package(packages)), "--activate")
    models("retire", "cells", "1.0", "--by", person.email, "--reason", "drift")
    assert active_model() is None
    assert AuditEvent.objects.get(action="model.retire").actor_name == person.name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("register",), "There is no model"),
        (("activate", "cells", "9"), "No model cells 9 is registered"),
        (("retire", "cells", "9"), "No model cells 9 is registered"),
    ],
)
def test_a_mistake_is_one_sentence(packages, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        models(*arguments)


def test_an_unknown_person_is_one_sentence(packages):
    folder = str(write_package(packages))
    with pytest.raises(CommandError, match="no active user"):
        models("register", folder, "--by", "nobody@example.org")


FAILED = {"passed": False, "failed": ["Cells painted out: 91 %, 99 % needed."]}
AT_LENGTH = "Only for the comparison of stains, until Friday."


def test_the_shipped_package_that_failed_its_audit_is_activated_all_the_same(packages):
    write_package(packages, audit=FAILED)
    assert models("register", "--activate") == "cells 1.0 registered, and is active.\n"
    assert "was registered before" in models("register", "--activate")
    event = AuditEvent.objects.get(action="model.activate")
    assert "Shipped with the release" in event.after["reason"]
    assert event.after["failed"] == FAILED["failed"]


def test_any_other_package_that_failed_its_audit_needs_a_reason(packages):
    folder = str(write_package(packages, audit=FAILED))
    with pytest.raises(CommandError, match="at least 20 letters"):
        models("register", folder, "--activate")
    with pytest.raises(CommandError, match="at least 20 letters"):
        models("activate", "cells", "1.0", "--reason", "ok")
    assert active_model() is None
    models("activate", "cells", "1.0", "--reason", AT_LENGTH)
    assert active_model().version == "1.0"


def test_the_model_before_comes_back_with_a_reason(packages):
    for version in ("1.0", "2.0"):
        models("register", str(write_package(packages, version=version)))
        models("activate", "cells", version)
    assert models("rollback", "--reason", "unsure of most") == "cells 1.0 is active again.\n"
    assert AuditEvent.objects.get(action="model.rollback").after["reason"] == "unsure of most"
    with pytest.raises(CommandError, match="none to go back to"):
        models("rollback", "--reason", "again")


def test_a_shadow_begins_and_ends(packages):
    models("register", str(write_package(packages)))
    assert "in the shadow" in models("shadow", "cells", "1.0", "--reason", "try")
    assert "shadow" in models("list")
    assert "no" in models("unshadow", "--reason", "enough")
    with pytest.raises(CommandError, match="No model runs in the shadow"):
        models("unshadow")


@pytest.fixture
def two(packages):
    for version, accuracy in (("1.0", 0.71), ("2.0", 0.75)):
        figures = [{"split": "fold", "all": {"accuracy": accuracy}}]
        models("register", str(write_package(packages, version=version, figures=figures)))
    return ("compare", "cells", "1.0", "cells", "2.0")


def test_two_models_are_compared_by_their_cards_and_their_shadows(two):
    said = models(*two)
    assert "fold: accuracy" in said
    assert "+0.04 better" in said
    assert "nothing to compare yet" in said


def test_two_models_are_compared_on_the_pictures_of_a_folder(two, tmp_path):
    folder = tmp_path / "fields"
    folder.mkdir()
    (folder / "a.png").write_bytes(fakes.picture())
    (folder / "b.png").write_bytes(fakes.picture(fakes.Order.SEE_TOO_LITTLE))
    (folder / "c.png").write_bytes(b"no picture")
    said = models(*two, "--pictures", str(folder))
    assert "2 pictures in" in said
    assert "the same decision on 2 (100.0 %)" in said
    assert "c.png: " in said

    report = json.loads(models(*two, "--pictures", str(folder), "--json"))
    assert report["agreement"]["share"] == 1.0
    assert [one["first"] for one in report["pictures"]] == ["Pre", "insufficient", ""]
    assert report["figures"][0]["verdict"] == "better"


def test_two_models_are_compared_on_the_newest_images_of_the_site(two, queued, work):
    for order in (fakes.Order.FIND, fakes.Order.SEE_TOO_LITTLE, fakes.Order.FIND):
        queued(order)
    work()
    AnalysisRunFactory(input_key="gone")
    said = models(*two, "--runs", "3")
    assert "2 of this site's newest images" in said
    assert "no longer in the store" in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(("--runs", "0"), "at least one"), (("--pictures", "/no/such/folder"), "holds no picture")],
)
def test_nothing_to_compare_on_is_one_sentence(two, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        models(*two, *arguments)
