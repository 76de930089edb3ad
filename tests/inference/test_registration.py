"""Models: registered whole or not at all."""

from __future__ import annotations

import pytest

from inference.choices import ModelStatus
from inference.models import ModelVersion
from inference.services.registry import model_register, newest_package
from telepath.core.errors import Conflict, Invalid
from tests.inference import fakes
from tests.inference.conftest import SYSTEM, audited, last_event, register
from tests.inference.packages import write_package

pytestmark = pytest.mark.django_db


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


def test_the_check_of_the_export_is_kept_with_the_model(packages):
    model = register(write_package(packages))
    assert model.parity == {"passed": True, "largest_difference": 0.0002, "crops": 512}
    assert last_event("model.register").after["parity"]["crops"] == 512


def test_an_export_that_answers_otherwise_leaves_nothing_behind(packages, settings):
    settings.MODEL_VERIFIER = fakes.REFUSING_VERIFIER
    with pytest.raises(Invalid, match=r"differs by 0\.02 on 3 of 512 crops\. Nothing was changed"):
        register(write_package(packages))
    assert not ModelVersion.objects.exists()
    assert audited() == []


def test_a_model_registered_without_a_check_is_checked_when_it_is_registered_again(packages):
    folder = write_package(packages)
    model = register(folder)
    ModelVersion.objects.update(parity={})
    again, is_new = model_register(actor=SYSTEM, folder=folder)
    assert (again.pk, is_new, again.parity_shown) == (model.pk, False, True)
    assert [action for action, _ in audited()] == ["model.register", "model.verify"]


@pytest.mark.parametrize("spoil", ["absent", "other", "outside"])
def test_a_package_whose_part_is_not_the_one_it_names_leaves_nothing_behind(packages, spoil):
    place = {"absent": "nuclei/1.0", "other": "cells/1.0", "outside": "../elsewhere"}[spoil]
    write_package(packages)
    folder = write_package(
        packages, version="2.0", parts={"segmentation": {"package": place, "sha256": "0" * 64}}
    )
    with pytest.raises(Invalid, match="Nothing was changed"):
        register(folder)
    assert not ModelVersion.objects.exists()


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
