from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest

from inference.lab.data.manifest import Entry, Manifest, ManifestInvalid
from inference.lab.data.pictures import FieldSet
from inference.lab.data.splits import Round
from inference.lab.evaluate.whole_field import as_lines, field_report, title
from inference.lab.train.whole_field import ensemble
from inference.lab.train.whole_field.ensemble import VOTES, judge_by_vote, vote
from inference.lab.train.whole_field.loop import FieldSettings, predict, train_fields
from inference.lab.train.whole_field.rounds import (
    FieldStudy,
    JudgedRound,
    judge_rounds,
    right,
)

QUICK = FieldSettings(
    arch="convnet", side=32, epochs=3, batch=8, learning_rate=2e-3, recipe="telediagnosis"
)
SPLIT = Round("half", np.arange(32), np.arange(32, 42))


class Killed(Exception):
    """Stands for a kill: nothing after it runs."""


@pytest.fixture(scope="module")
def two_kinds():
    """Red and blue pictures, three red ones for each blue one."""
    rng = np.random.default_rng(0)
    label = (np.arange(42) % 4 == 0).astype(np.int64)
    pixels = rng.integers(0, 120, (42, 32, 32, 3), dtype=np.uint8)
    pixels[np.arange(42), ..., np.where(label, 2, 0)] += 100
    return FieldSet(pixels, label, ("blue", "red"))


@pytest.fixture(scope="module")
def whole_run(two_kinds, tmp_path_factory):
    """A run that was not disturbed: its model, its curves, what it told."""
    told = []
    model, curves = train_fields(
        two_kinds,
        SPLIT,
        QUICK,
        checkpoint=tmp_path_factory.mktemp("whole"),
        progress=lambda share, words: told.append((share, words)),
    )
    return model, curves, told


@pytest.fixture
def study(two_kinds, tmp_path):
    entries = tuple(
        Entry(f"{number}.png", two_kinds.classes[label], "", "0", str(number), number % 2)
        for number, label in enumerate(two_kinds.label)
    )
    return FieldStudy(Manifest(tmp_path, entries), two_kinds, QUICK, tmp_path)


def test_training_learns_two_colours_and_the_curves_say_so(whole_run):
    _, curves, told = whole_run
    assert len(curves) == QUICK.epochs
    assert curves[-1]["loss"] < curves[0]["loss"]
    assert curves[-1]["test_accuracy"] == 1
    assert 0.5 < curves[-1]["accuracy"] <= 1
    # The mean of an epoch's batches, not its last batch.
    last = [float(words.rsplit(" ", 1)[1]) for _, words in told if words.startswith("epoch 3")]
    assert curves[-1]["loss"] == pytest.approx(np.mean(last), abs=1e-3)
    assert len(last) == 4
    assert told[-1][0] == pytest.approx(1)
    assert told[-1][1].startswith("epoch 3 of 3")


def test_a_run_killed_in_the_last_epoch_ends_with_the_same_model(two_kinds, whole_run, tmp_path):
    def kill_late(share, words):
        if words.startswith("epoch 3"):
            raise Killed

    with pytest.raises(Killed):
        train_fields(two_kinds, SPLIT, QUICK, checkpoint=tmp_path, progress=kill_late)
    epochs = set()
    model, curves = train_fields(
        two_kinds,
        SPLIT,
        QUICK,
        checkpoint=tmp_path,
        progress=lambda share, words: epochs.add(words[:7]),
    )
    assert epochs == {"epoch 3"}
    assert len(curves) == 3
    for one, other in zip(whole_run[0].get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-3)


def test_a_checkpoint_of_other_settings_is_not_gone_on_with(two_kinds, tmp_path):
    train_fields(two_kinds, SPLIT, replace(QUICK, epochs=1), checkpoint=tmp_path)
    epochs = set()
    train_fields(
        two_kinds,
        SPLIT,
        replace(QUICK, epochs=1, seed=8),
        checkpoint=tmp_path,
        progress=lambda share, words: epochs.add(words[:7]),
    )
    assert epochs == {"epoch 1"}


def test_mixed_precision_computes_in_sixteen_bits_and_leaves_no_trace(two_kinds):
    settings = replace(QUICK, epochs=1, mixed_precision=True)
    model, _ = train_fields(two_kinds, SPLIT, settings)
    assert model.layers[2].compute_dtype == "bfloat16"
    assert model.layers[-1].compute_dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"


def test_predictions_do_not_depend_on_the_size_of_the_batch(two_kinds, whole_run):
    places = np.arange(11)
    few, many = (predict(whole_run[0], two_kinds.pixels, places, size) for size in (4, 32))
    assert few.shape == (11, 2)
    np.testing.assert_allclose(few, many, atol=1e-5)
    np.testing.assert_allclose(np.exp(few).sum(axis=1), 1, atol=1e-5)


def test_a_finished_round_is_read_from_the_cache_and_not_trained_again(study):
    epochs = []
    tell = lambda share, words: epochs.append(words)  # noqa: E731
    first = judge_rounds(study, [SPLIT], tell)
    trained = len(epochs)
    again = judge_rounds(study, [SPLIT], tell)
    assert trained == len(epochs) > 0
    assert np.array_equal(first[0].scores, again[0].scores)
    assert first[0].curves == again[0].curves
    assert right(study, again).tolist() == [True] * 10
    assert [path.suffix for path in (study.cache / "rounds").iterdir()] == [".npz"]


def test_the_report_names_the_scale_bar_and_adds_up(study):
    judged = judge_rounds(study, [SPLIT])
    report = field_report(study, "random", judged, "the command")
    assert report["scale_bar"] == "painted out"
    assert report["start"] == "random weights"
    assert report["all"]["accuracy"] == report["all"]["macro_f1"] == report["all"]["mcc"] == 1
    assert sum(map(sum, report["all"]["confusion"])) == len(SPLIT.test)
    assert len(report["rounds"][0]["curves"]) == QUICK.epochs
    assert "accuracy 100.0 %" in as_lines(report)
    published = replace(study, settings=replace(QUICK, as_published=True))
    assert "as published" in field_report(published, "random", judged, "")["scale_bar"]


def test_members_vote_round_by_round_and_count_by_their_training_not_by_their_test():
    shares = np.array([[0.6, 0.4], [0.6, 0.4], [0.01, 0.99]])
    trained = (0.9, 0.9, 0.0)
    members = [
        [JudgedRound(SPLIT, np.log(share)[None].astype(np.float32), [{"accuracy": right}], 5)]
        for share, right in zip(shares, trained, strict=True)
    ]
    first = {how: vote(members, how)[0] for how in VOTES}
    assert {how: one.scores.argmax() for how, one in first.items()} == {
        "majority": 0,
        "weighted": 0,
        "averaged": 1,
    }
    assert first["majority"].parameters == 15
    np.testing.assert_allclose(np.exp(first["weighted"].scores), [[0.6, 0.4]], atol=1e-6)


def test_each_member_of_a_vote_is_trained_on_its_own(study, monkeypatch):
    monkeypatch.setattr(ensemble, "VOTERS", ("convnet", "custom_cnn"))
    told = []
    settings = replace(study.settings, arch="voting", epochs=1)
    judged = judge_by_vote(
        replace(study, settings=settings),
        [SPLIT],
        "averaged",
        lambda share, words: told.append((share, words.split(":")[0])),
    )
    assert {name for _, name in told} == {"convnet", "custom_cnn"}
    assert told[-1][0] == pytest.approx(1)
    assert judged[0].scores.shape == (10, 2)
    report = field_report(replace(study, settings=settings), "random", judged, "", vote="averaged")
    assert title(report) == "voting, averaged vote"


def test_a_round_that_leaves_a_class_out_of_training_is_a_sentence(study):
    red = np.flatnonzero(study.fields.label == 1)
    with pytest.raises(ManifestInvalid, match="all reds leaves no red to train on"):
        judge_rounds(study, [Round("all reds", np.flatnonzero(study.fields.label == 0), red)])
