from __future__ import annotations

import json
import shutil

import cv2
import pytest
from django.core.management import CommandError, call_command

from inference.engine.analyser import load_analyser
from inference.engine.package import PACKAGES, read_package
from inference.lab.data.manifest import read_manifest
from inference.lab.train import encoder
from tests.inference.engine.drawings import APART, smear
from tests.inference.lab.data.test_fields import labelled  # noqa: F401 - a fixture
from tests.inference.lab.notes import write_notes


@pytest.fixture
def field(tmp_path):
    path = tmp_path / "field.png"
    cv2.imwrite(str(path), smear(APART)[..., ::-1])
    return path


def test_analyze_prints_one_json_line_each_and_fails_at_the_end(field, tmp_path, capsys):
    gone = tmp_path / "gone.jpg"
    with pytest.raises(SystemExit) as end:
        call_command("analyze", str(gone), str(field), "--json", "--masks", str(tmp_path / "m"))
    assert end.value.code == 1
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["rejected", "ok"]
    assert (tmp_path / "m" / "field.png").is_file()


def test_analyze_speaks_to_people_without_json(field, capsys):
    call_command("analyze", str(field))
    assert "suggested" in capsys.readouterr().out


def test_analyze_with_an_unknown_model_names_the_known_ones(field):
    with pytest.raises(CommandError, match="Known: cells"):
        call_command("analyze", str(field), "--model", "oracle")


@pytest.mark.parametrize("name", ["analyze", "train", "evaluate"])
def test_help_has_an_example(name, capsys):
    with pytest.raises(SystemExit):
        call_command(name, "--help")
    assert f"examples:\n  python manage.py {name}" in capsys.readouterr().out


@pytest.fixture
def few_patches(monkeypatch):
    """Filters from fewer patches, smaller batches: the pictures of these tests are small."""
    monkeypatch.setattr(encoder, "PATCHES", 1500)
    monkeypatch.setattr(encoder, "AT_ONCE", 64)


def test_train_makes_a_package_that_analyze_can_use(
    labelled,  # noqa: F811
    field,
    few_patches,
    tmp_path,
    capsys,
):
    shutil.copytree(PACKAGES / "wbc-unet", tmp_path / "wbc-unet")
    write_notes(labelled, read_manifest(labelled).sha256)
    scratch = ["--data", str(labelled), "--cache", str(tmp_path / "cache"), "--epochs", "1"]
    figures = tmp_path / "figures.json"
    call_command("evaluate", "--split", "fold", "--json", "--output", str(figures), *scratch)
    assert json.loads(capsys.readouterr().out)[0]["all"]["fields"] == 4
    call_command(
        "train",
        "field",
        "--edition=1.4.0",
        "--json",
        "--calibrate-on=fold",
        f"--output={tmp_path}",
        f"--figures={figures}",
        *scratch,
    )
    made = json.loads(capsys.readouterr().out)
    card = json.loads((tmp_path / "cells" / "1.4.0" / "card.json").read_text())
    assert made["version"] == "1.4.0"
    assert card["figures"][0]["split"] == "fold"
    assert card["parts"]["segmentation"]["package"].startswith("wbc-unet/")
    assert isinstance(card["audit"]["passed"], bool)
    assert str(tmp_path) not in json.dumps(card)
    result = load_analyser(read_package(tmp_path / "cells" / "1.4.0")).analyse(smear(APART))
    assert result.cells[0].evidence_map
    assert result.cells[0].nearest
    figures.write_text(json.dumps([{"split": "audit", "passed": True}]))
    call_command(
        "train",
        "field",
        "--edition=1.4.0",
        "--only-figures",
        f"--output={tmp_path}",
        f"--figures={figures}",
    )
    again = read_package(tmp_path / "cells" / "1.4.0").card.content
    assert (again["figures"], again["audit"]["passed"]) == ([], True)


def test_train_without_a_segmentation_beside_it_is_a_sentence(
    labelled,  # noqa: F811
    few_patches,
    tmp_path,
):
    write_notes(labelled, read_manifest(labelled).sha256)
    scratch = ["--data", str(labelled), "--cache", str(tmp_path / "cache"), "--epochs", "1"]
    with pytest.raises(CommandError, match="no model of kind 'segmentation'"):
        call_command(
            "train",
            "field",
            "--edition=1",
            "--json",
            "--calibrate-on=fold",
            f"--output={tmp_path}",
            *scratch,
        )
    assert not list((tmp_path / "cells").glob("1*"))


def test_train_without_data_is_a_sentence(tmp_path):
    with pytest.raises(CommandError, match=r"no manifest.csv"):
        call_command("train", "field", "--edition=1", "--data", str(tmp_path))


def test_train_without_notes_says_what_to_write(labelled, tmp_path):  # noqa: F811
    with pytest.raises(CommandError, match=r"no notes in .*NOTES\.toml"):
        call_command(
            "train",
            "field",
            "--edition=1",
            "--data",
            str(labelled),
            f"--output={tmp_path / 'made'}",
        )
    assert not (tmp_path / "made").exists()


def test_train_with_an_unknown_architecture_names_the_known_ones(labelled):  # noqa: F811
    write_notes(labelled, read_manifest(labelled).sha256)
    with pytest.raises(CommandError, match="cell_bank"):
        call_command("train", "field", "--edition=1", "--data", str(labelled), "--arch", "oracle")
