"""`manage.py models`."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AuditEvent
from inference.selectors import active_model
from tests.factories import UserFactory
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
