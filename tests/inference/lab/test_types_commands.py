from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference.engine.cell_types import CELL_CLASS_OF, load_cell_types
from inference.engine.package import TYPES, find_part
from inference.engine.zoo.registry import build
from inference.lab.data.singles import HELD_OUT, scan
from inference.lab.evaluate.types import picture_probabilities
from tests.inference.engine.drawings import smear
from tests.inference.engine.test_cell_types import write_types
from tests.inference.lab.data.test_fields import labelled  # noqa: F401 - a fixture
from tests.inference.lab.notes import write_notes

NAMES = sorted(CELL_CLASS_OF)


def draw(path, radius, seed):
    picture = smear([(48, 48)], size=(96, 96), radius=radius, seed=seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[..., ::-1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """pbc_cells and wbc_masks of drawn cells."""
    root = tmp_path_factory.mktemp("data")
    for number, label in enumerate(NAMES):
        for seed in range(10):
            draw(root / "pbc_cells" / label / f"{label}_{seed}.png", 10 + number, seed)
    (root / "wbc_masks").mkdir()
    with (root / "wbc_masks" / "classes.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("image ID", "class label"), (1, 1), (2, 5)])
    for number in (1, 2):
        draw(root / "wbc_masks" / "images" / f"{number:03d}.png", 14, number)
    return root


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A types package that was never trained."""
    root = tmp_path_factory.mktemp("packages")
    arrays = [np.asarray(weight) for weight in build("type_net", 48, 8).get_weights()]
    write_types(root / "drawn-types" / "1.0.0", arrays)
    return root


def test_training_makes_a_package_that_names_cells(folder, labelled, tmp_path, capsys):  # noqa: F811
    figures = tmp_path / "figures.json"
    figures.write_text('[{"set": "single_cells", "macro_f1": 0.5}]')
    write_notes(folder / "pbc_cells", scan(folder / "pbc_cells").sha256)
    call_command(
        "train",
        "types",
        "--edition=1.0.0",
        f"--data={folder / 'pbc_cells'}",
        f"--fields={labelled}",
        f"--cache={tmp_path / 'cache'}",
        f"--output={tmp_path}",
        f"--figures={figures}",
        "--epochs=1",
        "--full-precision",
        "--json",
    )
    made = json.loads(capsys.readouterr().out)
    part = find_part(TYPES, "cell-types", tmp_path)
    assert made["sha256"] == part.sha256
    assert part.card.content["figures"][0]["macro_f1"] == 0.5
    assert part.card.content["training"]["strangers"]["cells"] > 0
    assert sum(part.card.content["training"]["pictures"].values()) == 80
    assert str(tmp_path) not in json.dumps(part.card.content)
    assert set(load_cell_types(part).classes) == set(NAMES)


def test_evaluation_reports_every_set_with_its_command(folder, packages, tmp_path, capsys):
    output = tmp_path / "types.json"
    options = ["--packages", str(packages), "--data", str(folder), "--cache", str(tmp_path)]
    call_command(
        "evaluate_types", "--on", "held_out", "other_laboratory", "--output", str(output), *options
    )
    said = capsys.readouterr().out
    single, pictures, other = json.loads(output.read_text())
    assert single["cells"] == sum(e.part == HELD_OUT for e in scan(folder / "pbc_cells").entries)
    assert pictures["pictures"] == single["cells"]
    assert other["pictures"] == 2
    assert set(other["by_type"]) <= {"neutrophil", "basophil"}
    assert single["command"].endswith("--model drawn-types/1.0.0 --on held_out")
    assert "macro F1" in said


def test_evaluation_on_fields_leaves_out_what_training_saw(
    labelled,  # noqa: F811
    packages,
    tmp_path,
    capsys,
):
    (tmp_path / "taleqani").symlink_to(labelled)
    options = ["--packages", str(packages), "--data", str(tmp_path), "--cache", str(tmp_path)]
    call_command("evaluate_types", "--on", "fields", "--json", *options)
    (report,) = json.loads(capsys.readouterr().out)
    assert set(report["by_label"]) == {"Benign"}
    assert sum(report["by_label"]["Benign"]["shares"].values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", ["train", "evaluate_types"])
def test_help_has_an_example(name, capsys):
    with pytest.raises(SystemExit):
        call_command(name, "--help")
    assert f"examples:\n  python manage.py {name}" in capsys.readouterr().out


def test_missing_data_or_package_is_a_sentence(packages, folder, tmp_path):
    with pytest.raises(CommandError, match="two or more folders"):
        call_command("train", "types", "--edition=1", "--data", str(tmp_path))
    write_notes(folder / "pbc_cells", scan(folder / "pbc_cells").sha256)
    with pytest.raises(CommandError, match="epochs must be 1"):
        call_command(
            "train", "types", "--edition=1", "--data", str(folder / "pbc_cells"), "--epochs", "0"
        )
    with pytest.raises(CommandError, match="no model 'oracle'"):
        call_command("evaluate_types", "--model", "oracle", "--packages", str(packages))
    with pytest.raises(CommandError, match=r"no .*classes\.csv"):
        call_command(
            "evaluate_types",
            "--on=other_laboratory",
            f"--packages={packages}",
            f"--data={tmp_path}",
        )


def test_other_classes_than_those_of_the_package_are_a_sentence(packages, folder, tmp_path):
    (tmp_path / "pbc_cells").mkdir()
    for label in NAMES[:3]:
        (tmp_path / "pbc_cells" / label).symlink_to(folder / "pbc_cells" / label)
    with pytest.raises(CommandError, match=r"drawn-types/1\.0\.0 knows"):
        call_command(
            "evaluate_types", "--on=held_out", f"--packages={packages}", f"--data={tmp_path}"
        )


@pytest.mark.real_data
def test_the_committed_network_names_most_held_out_cells():
    data = Path(os.environ.get("TELEPATH_DATA", "../shared/data")) / "pbc_cells"
    if not data.is_dir():
        pytest.skip(f"There are no single cells in {data}.")
    types = load_cell_types(find_part(TYPES, "cell-types"))
    entries = [entry for entry in scan(data).entries if entry.part == HELD_OUT][::60]
    paths = [data / entry.path for entry in entries]
    found, probabilities = picture_probabilities(types, paths, lambda share, words: None)
    right = [
        types.classes[row.argmax()] == entry.label
        for row, entry in zip(
            probabilities,
            (e for e, there in zip(entries, found, strict=True) if there),
            strict=True,
        )
    ]
    assert found.mean() > 0.9
    assert np.mean(right) > 0.8
