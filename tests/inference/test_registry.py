"""Models: registered whole or not at all, one active, each change in the audit trail."""

from __future__ import annotations

import pytest

from accounts.actors import actor_of_user, system
from accounts.models import SITE_CHAIN, AuditEvent
from inference.choices import ModelStatus
from inference.models import ModelVersion
from inference.selectors import active_model
from inference.services.registry import (
    model_activate,
    model_register,
    model_retire,
    newest_package,
)
from telepath.core.errors import Conflict, Invalid, NotAllowed
from tests.factories import UserFactory
from tests.inference.packages import write_package

pytestmark = pytest.mark.django_db
SYSTEM = system("test")


def register(folder):
    return model_register(actor=SYSTEM, folder=folder).model


def audited():
    events = AuditEvent.objects.filter(chain=SITE_CHAIN).order_by("sequence")
    return list(events.values_list("action", "object_label"))


def test_a_package_is_registered_with_its_card_and_its_hash(packages):
    folder = write_package(packages)
    model, is_new = model_register(actor=SYSTEM, folder=folder)
    assert is_new
    assert (model.name, model.version, model.folder) == ("cells", "1.0", "cells/1.0")
    assert model.status == ModelStatus.REGISTERED
    assert model.card["figures"][0]["accuracy"] == 0.713
    assert len(model.sha256) == 64
    assert audited() == [("model.register", "cells 1.0")]


def test_registering_twice_is_the_same_as_once(packages):
    folder = write_package(packages)
    first = register(folder)
    again, is_new = model_register(actor=SYSTEM, folder=folder)
    assert again == first
    assert not is_new
    assert len(audited()) == 1


def test_other_weights_under_a_known_version_are_refused(packages):
    folder = write_package(packages)
    model = register(folder)
    write_package(packages, weights=b"other")
    with pytest.raises(Conflict, match="Give new weights a new version"):
        register(folder)
    model.refresh_from_db()
    assert ModelVersion.objects.count() == 1
    assert len(audited()) == 1


@pytest.mark.parametrize("spoil", ["card", "weights", "missing"])
def test_a_package_that_is_not_whole_leaves_nothing_behind(packages, spoil):
    folder = write_package(packages)
    if spoil == "card":
        (folder / "card.json").write_text("{")
    elif spoil == "weights":
        (folder / "weights.npz").write_bytes(b"half")
    else:
        (folder / "weights.npz").unlink()
    with pytest.raises(Invalid, match="Nothing was changed"):
        register(folder)
    assert not ModelVersion.objects.exists()
    assert audited() == []


def test_a_package_where_no_worker_looks_is_refused(packages, tmp_path):
    elsewhere = write_package(tmp_path / "elsewhere")
    with pytest.raises(Invalid, match="every worker looks"):
        register(elsewhere)


def test_the_newest_package_is_the_one_with_the_highest_version(packages):
    with pytest.raises(Invalid, match="manage.py train"):
        newest_package()
    for version in ("1.9", "1.10", "1.2"):
        write_package(packages, version=version)
    assert newest_package().name == "1.10"


def test_activating_a_model_puts_the_one_before_aside(packages):
    first = register(write_package(packages))
    second = register(write_package(packages, version="2.0"))
    model_activate(actor=SYSTEM, model=first)
    model_activate(actor=SYSTEM, model=second, reason="better on swapped backgrounds")

    assert active_model() == second
    first.refresh_from_db()
    assert first.status == ModelStatus.REGISTERED
    event = AuditEvent.objects.filter(action="model.activate").last()
    assert event.before == {"active": "cells 1.0"}
    assert event.after == {"active": "cells 2.0", "reason": "better on swapped backgrounds"}


def test_going_back_to_the_model_before_is_activating_it(packages):
    first = register(write_package(packages))
    second = register(write_package(packages, version="2.0"))
    for model in (first, second, first):
        model_activate(actor=SYSTEM, model=model)
    assert active_model() == first


def test_activating_the_active_model_changes_nothing(packages):
    model = register(write_package(packages))
    model_activate(actor=SYSTEM, model=model)
    before = audited()
    model_activate(actor=SYSTEM, model=model)
    assert audited() == before


def test_a_package_changed_after_it_was_registered_is_not_activated(packages):
    model = register(write_package(packages))
    write_package(packages, weights=b"other")
    with pytest.raises(Conflict, match="other weights"):
        model_activate(actor=SYSTEM, model=model)
    assert active_model() is None


def test_a_retired_model_is_never_used_again(packages):
    model = register(write_package(packages))
    model_activate(actor=SYSTEM, model=model)
    model_retire(actor=SYSTEM, model=model, reason="drift")
    model_retire(actor=SYSTEM, model=model, reason="again")
    assert active_model() is None
    with pytest.raises(Conflict, match="was retired"):
        model_activate(actor=SYSTEM, model=model)
    assert [action for action, _ in audited()].count("model.retire") == 1


def test_two_administrators_activate_at_once_and_one_model_is_active(at_the_same_time, packages):
    models = [register(write_package(packages, version=f"{n}.0")) for n in range(4)]
    outcomes = at_the_same_time(
        *[lambda model=model: model_activate(actor=SYSTEM, model=model) for model in models]
    )
    assert all(isinstance(outcome, ModelVersion) for outcome in outcomes)
    assert ModelVersion.objects.filter(status=ModelStatus.ACTIVE).count() == 1


def test_only_a_site_administrator_changes_models(packages, cast):
    model = register(write_package(packages))
    for person in (cast.submitter, cast.first_reader, cast.administrator):
        with pytest.raises(NotAllowed, match="Your role does not allow this"):
            model_activate(actor=actor_of_user(person), model=model)
        with pytest.raises(NotAllowed):
            model_retire(actor=actor_of_user(person), model=model)
    site = UserFactory(is_superuser=True)
    model_activate(actor=actor_of_user(site), model=model)
    assert AuditEvent.objects.get(action="model.activate").actor_name == site.name
