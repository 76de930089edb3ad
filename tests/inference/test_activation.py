"""Models: one active, each change with a reason and in the audit trail, and a way back."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from accounts.actors import actor_of_user
from accounts.models import AuditEvent
from inference.choices import ActivationKind, ModelStatus
from inference.models import ModelActivation, ModelVersion
from inference.selectors import active_model
from inference.selectors.verdicts import NO_AUDIT, NO_PARITY
from inference.services.registry import (
    model_activate,
    model_retire,
    model_roll_back,
    model_shadow,
    model_unshadow,
    take_up_shipped,
)
from telepath.core.errors import Conflict, Invalid, NotAllowed
from tests.factories import UserFactory
from tests.inference.conftest import SYSTEM, audited, last_event, register
from tests.inference.packages import AT_LENGTH, FAILED, write_failed, write_package

pytestmark = pytest.mark.django_db


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


def test_a_model_that_failed_its_audit_needs_a_reason_and_the_log_keeps_both(packages):
    model = register(write_failed(packages))
    for reason in ("", "because", "x" * 10 + " " * 15):
        with pytest.raises(Invalid, match=r"at least 20 letters.*painted out"):
            model_activate(actor=SYSTEM, model=model, reason=reason)
    assert active_model() is None
    assert not ModelActivation.objects.exists()

    model_activate(actor=SYSTEM, model=model, reason=AT_LENGTH)
    after = last_event("model.activate").after
    assert after == {"active": "cells 1.0", "reason": AT_LENGTH, "failed": [FAILED]}


@pytest.mark.parametrize("audit", [None, {}, "yes", {"passed": "yes"}, {"passed": 1}, []])
def test_a_card_that_does_not_say_that_the_audit_passed_counts_as_failed(packages, audit):
    model = register(write_package(packages, audit=audit))
    assert not model.audit_passed
    with pytest.raises(Invalid, match="audit"):
        model_activate(actor=SYSTEM, model=model, reason="it is fine")


def test_a_card_without_an_audit_and_an_export_nobody_checked_are_both_said(packages):
    model = register(write_package(packages, audit=None))
    ModelVersion.objects.update(parity={})
    model_activate(actor=SYSTEM, model=model, reason=AT_LENGTH)
    assert last_event("model.activate").after["failed"] == [NO_AUDIT, NO_PARITY]


def test_a_shipped_model_that_failed_its_audit_is_activated_with_a_standing_reason(packages):
    write_failed(packages)
    assert take_up_shipped(actor=SYSTEM).model == active_model()
    reason = last_event("model.activate").after["reason"]
    assert reason.startswith("Shipped with the release")
    assert FAILED in reason
    assert not take_up_shipped(actor=SYSTEM).is_new
    assert ModelActivation.objects.count() == 1


def test_each_activation_is_a_row_that_says_who_why_and_from_what(packages):
    first = register(write_package(packages))
    second = register(write_package(packages, version="2.0"))
    model_activate(actor=SYSTEM, model=first, reason="the first one")
    model_activate(actor=SYSTEM, model=second, reason="better")
    rows = ModelActivation.objects.values_list("model", "previous", "kind", "actor_name", "reason")
    assert list(rows) == [
        (first.pk, None, ActivationKind.ACTIVATE, "test", "the first one"),
        (second.pk, first.pk, ActivationKind.ACTIVATE, "test", "better"),
    ]
    with pytest.raises(DatabaseError, match="append-only|refuse|may not"), transaction.atomic():
        ModelActivation.objects.update(reason="nothing")


def test_rolling_back_twice_goes_two_models_back_and_never_to_the_one_just_left(packages):
    models = [register(write_package(packages, version=f"{n}.0")) for n in range(3)]
    for model in models:
        model_activate(actor=SYSTEM, model=model)
    assert model_roll_back(actor=SYSTEM, reason="worse here") == models[1]
    assert model_roll_back(actor=SYSTEM, reason="that too") == models[0]
    assert active_model() == models[0]
    with pytest.raises(Conflict, match="none to go back to"):
        model_roll_back(actor=SYSTEM, reason="again")
    assert last_event("model.rollback").after == {"active": "cells 0.0", "reason": "that too"}


def test_after_a_roll_back_the_next_activation_starts_from_there(packages):
    first, second, third = (register(write_package(packages, version=f"{n}.0")) for n in range(3))
    for model in (first, second):
        model_activate(actor=SYSTEM, model=model)
    model_roll_back(actor=SYSTEM, reason="worse here")
    model_activate(actor=SYSTEM, model=third)
    assert model_roll_back(actor=SYSTEM, reason="worse too") == first


def test_a_model_active_before_there_was_a_history_can_be_gone_back_to(packages):
    first = register(write_package(packages))
    ModelVersion.objects.update(status=ModelStatus.ACTIVE)
    model_activate(actor=SYSTEM, model=register(write_package(packages, version="2.0")))
    assert model_roll_back(actor=SYSTEM, reason="worse here") == first


def test_a_roll_back_to_a_retired_model_says_so_and_changes_nothing(packages):
    first = register(write_package(packages))
    second = register(write_package(packages, version="2.0"))
    model_activate(actor=SYSTEM, model=first)
    model_activate(actor=SYSTEM, model=second)
    model_retire(actor=SYSTEM, model=first)
    with pytest.raises(Conflict, match=r"cells 1\.0, which was active before, was retired"):
        model_roll_back(actor=SYSTEM, reason="worse here")
    assert active_model() == second


def test_going_back_to_a_model_that_failed_its_audit_needs_a_reason_too(packages):
    write_failed(packages)
    take_up_shipped(actor=SYSTEM)
    model_activate(actor=SYSTEM, model=register(write_package(packages, version="2.0")))
    with pytest.raises(Invalid, match="painted out"):
        model_roll_back(actor=SYSTEM, reason="worse")
    model_roll_back(actor=SYSTEM, reason=AT_LENGTH)
    assert last_event("model.rollback").after["failed"] == [FAILED]


def test_two_administrators_roll_back_at_once_and_go_back_one_model(at_the_same_time, packages):
    models = [register(write_package(packages, version=f"{n}.0")) for n in range(3)]
    for model in models:
        model_activate(actor=SYSTEM, model=model)
    outcomes = at_the_same_time(
        *[lambda: model_roll_back(actor=SYSTEM, reason="worse", model=models[2])] * 3
    )
    assert sorted(type(one).__name__ for one in outcomes) == [
        "Conflict",
        "Conflict",
        "ModelVersion",
    ]
    assert active_model() == models[1]


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
        for change in (model_retire, model_shadow, model_unshadow, model_roll_back):
            with pytest.raises(NotAllowed):
                change(actor=actor_of_user(person), model=model, reason="because I can")
    site = UserFactory(is_superuser=True)
    model_activate(actor=actor_of_user(site), model=model)
    assert AuditEvent.objects.get(action="model.activate").actor_name == site.name
