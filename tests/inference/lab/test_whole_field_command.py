from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference.lab.data.manifest import read_manifest
from inference.lab.data.splits import SPLITS
from inference.lab.evaluate import convnet_baseline
from inference.lab.train.whole_field.loop import FieldSettings

SMALL = ["--side=16", "--epochs=1", "--batch=2", "--split=fold"]


@pytest.fixture
def scratch(labelled, tmp_path):
    return [f"--data={labelled}", f"--cache={tmp_path / 'cache'}"]


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit):
        call_command("train_field", "--help")
    assert "examples:\n  python manage.py train_field" in capsys.readouterr().out


def test_it_trains_and_judges_and_the_table_is_made_of_its_figures(scratch, tmp_path, capsys):
    figures, page = tmp_path / "figures.json", tmp_path / "zoo.md"
    call_command("train_field", *SMALL, *scratch, f"--output={figures}")
    assert "macro F1" in capsys.readouterr().out
    report = json.loads(figures.read_text())[0]
    assert report["all"]["fields"] == 4
    assert [one["name"] for one in report["rounds"]] == ["fold 0", "fold 1"]
    assert report["parameters"] > 0
    assert str(tmp_path) not in figures.read_text()
    call_command("train_field", "--table", str(figures), f"--output={page}")
    rows = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    share = f"{100 * report['all']['accuracy']:.1f} %"
    assert [share in row for row in rows if row.startswith("| convnet ")] == [True]
    assert any(row.startswith("| allnet ") and "not trained" in row for row in rows)
    assert report["command"] in page.read_text()


def test_json_is_one_document_and_names_the_published_scale_bar(scratch, capsys):
    call_command("train_field", *SMALL, *scratch, "--as-published", "--json")
    report = json.loads(capsys.readouterr().out)[0]
    assert report["scale_bar"] == "left in, as published"
    assert "--as-published" in report["command"]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (["--arch=oracle"], "Known: allnet"),
        (["--arch=cell_cnn"], "no architecture 'cell_cnn' for fields"),
        (["--epochs=0"], "--epochs must be above zero"),
        (["--learning-rate=-1"], "--learning-rate must be above zero"),
        (["--recipe=sauce"], "Known: plain"),
        (["--arch=inception_v3", "--side=32"], "75 pixels or more"),
        (["--weights=nowhere"], "There is no folder nowhere"),
        (["--vote=majority"], "Only --arch voting can --vote"),
        (["--limit=1"], "one class only"),
        (["--table", "nowhere.json"], "nowhere.json cannot be read"),
        (["--output=nowhere/figures.json"], "cannot be written"),
    ],
)
def test_odd_wishes_are_sentences(asked, answer, scratch):
    with pytest.raises(CommandError, match=answer):
        call_command("train_field", *SMALL, *scratch, *asked)


def test_class_folders_know_no_appearance_and_say_so(tmp_path):
    rng = np.random.default_rng(0)
    for label in ("all", "hem"):
        (tmp_path / label).mkdir()
        for number in range(3):
            picture = rng.integers(0, 256, (48, 48, 3), dtype=np.uint8)
            cv2.imwrite(str(tmp_path / label / f"{number}.png"), picture)
    with pytest.raises(CommandError, match="leaves no all to train on"):
        asked = [f"--data={tmp_path}", f"--cache={tmp_path / 'cache'}", "--side=16"]
        call_command("train_field", "--split=appearance_round", *asked)


def test_weights_that_are_not_there_are_a_sentence(scratch, tmp_path):
    with pytest.raises(CommandError, match="There is no mobilenet_1_0_224_tf_no_top.h5"):
        call_command(
            "train_field",
            "--arch=mobilenet",
            *SMALL,
            "--side=32",
            *scratch,
            f"--weights={tmp_path}",
        )


def test_the_baseline_gives_one_word_a_field_and_remembers_it(
    labelled,
    tmp_path,
    monkeypatch,
):
    small = FieldSettings("convnet", 16, 1, 2, 1e-3, "telediagnosis")
    monkeypatch.setattr(convnet_baseline, "BASELINE", small)
    manifest = read_manifest(labelled)
    rounds = list(SPLITS["fold"](manifest.entries))
    told = []
    tell = lambda share, words: told.append(words)  # noqa: E731
    first, again = (
        convnet_baseline.whole_field_baseline(manifest, rounds, tmp_path, tell) for _ in range(2)
    )
    assert first.shape == (4,)
    assert first.dtype == bool
    assert np.array_equal(first, again)
    assert len(told) == 2


def test_the_baseline_is_what_the_command_trains_without_further_words():
    assert FieldSettings.of_preset("convnet") == convnet_baseline.BASELINE
    assert not convnet_baseline.BASELINE.as_published


@pytest.mark.real_data
def test_allnets_path_runs_on_cells_of_its_own_data(real_data, tmp_path, capsys):
    call_command(
        "train_field",
        "--arch=allnet",
        "--side=32",
        "--epochs=1",
        "--split=random",
        "--limit=26",
        f"--data={real_data / 'cnmc_sample'}",
        f"--cache={tmp_path}",
        "--json",
    )
    report = json.loads(capsys.readouterr().out)[0]
    assert report["classes"] == ["all", "hem"]
    # All five random fifths take their turn, so every cell is judged once.
    assert report["all"]["fields"] == 26
