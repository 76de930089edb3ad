from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from inference.engine.package import (
    CARD,
    PackageInvalid,
    find_package,
    load_weights,
    read_package,
)
from tests.inference.engine.packages import write_package


def test_a_package_is_identified_by_its_card(tmp_path):
    package = read_package(write_package(tmp_path / "1.0.0"))
    assert package.sha256 == hashlib.sha256((tmp_path / "1.0.0" / CARD).read_bytes()).hexdigest()
    assert package.classes == ("Benign", "Early", "Pre", "Pro")


def test_changed_weights_are_refused(tmp_path):
    path = write_package(tmp_path / "1.0.0")
    with (path / "weights.npz").open("ab") as file:
        file.write(b"x")
    with pytest.raises(PackageInvalid, match="not the file that the card describes"):
        read_package(path)


def test_weights_that_are_not_numbers_are_refused(tmp_path):
    path = write_package(tmp_path / "1.0.0", [np.array([1.0, np.nan], np.float32)])
    with pytest.raises(PackageInvalid, match="not numbers"):
        load_weights(read_package(path))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": 99}, "schema 99"),
        ({"classes": ["Benign"]}, "two or more"),
        ({"classes": ["Benign", "Other"]}, "'Other'"),
        ({"classes": "Benign"}, "'classes'"),
        ({"decision": {"temperature": 0, "coverage": 0.9, "minimum_cells": 2}}, "temperature"),
        ({"decision": {}}, "temperature"),
        ({"crops": {"side": 48, "window": 1.4, "rim": 0.05, "tilt": 3}}, "tilt"),
        ({"weights": {"file": "../weights.npz", "sha256": ""}}, "beside it"),
        ({"weights": {"file": "gone.npz", "sha256": ""}}, "no readable gone.npz"),
    ],
)
def test_a_wrong_card_is_refused_with_a_sentence(tmp_path, changes, words):
    with pytest.raises(PackageInvalid, match=words):
        read_package(write_package(tmp_path / "1.0.0", **changes))


def test_a_folder_without_a_card_or_with_a_broken_one_is_refused(tmp_path):
    with pytest.raises(PackageInvalid, match="no readable card"):
        read_package(tmp_path)
    (tmp_path / CARD).write_text("{")
    with pytest.raises(PackageInvalid, match="not valid JSON"):
        read_package(tmp_path)
    (tmp_path / CARD).write_text(json.dumps([1]))
    with pytest.raises(PackageInvalid, match="not an object"):
        read_package(tmp_path)


def test_the_newest_version_of_a_name_is_taken(tmp_path):
    for version in ("1.9.0", "1.10.0"):
        write_package(tmp_path / "drawn" / version, version=version)
    assert find_package("drawn", tmp_path).version == "1.10.0"
    assert find_package("drawn/1.9.0", tmp_path).version == "1.9.0"
    with pytest.raises(PackageInvalid, match=r"drawn/1.10.0"):
        find_package("other", tmp_path)


def test_reading_a_package_and_measuring_quality_load_no_model():
    code = (
        "import sys, inference.engine.package, inference.engine.quality, inference.engine.analyser;"
        "sys.exit(any(name in sys.modules for name in ('keras', 'tensorflow', 'django')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_committed_model_is_whole_and_says_what_it_is():
    package = find_package()
    arrays = load_weights(package)
    assert sum(array.nbytes for array in arrays) < 10_000_000
    assert {"manifest_sha256", "source", "command"} <= set(package.card.content["training"])
    assert {report["split"] for report in package.card.content["figures"]} >= {
        "appearance_round",
        "random",
    }
    assert "flow cytometry" in package.card.content["clinical_position"]
