"""Training of the U-Net: its pictures, its loss, its loop, its package."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference.engine.package import find_part, read_part
from inference.engine.segmentation.unet import KIND
from inference.engine.zoo import unet
from inference.lab.data import sources
from inference.lab.data.samples import UNKNOWN, depth_of, make_sample
from inference.lab.data.truth import (
    drawn_boxes,
    drawn_masks,
    kept_back,
    listed_sha256,
)
from inference.lab.data.weak import in_the_middle, with_middles
from inference.lab.publish.packages import Edition, Told
from inference.lab.publish.segmentation import train_segmentation
from inference.lab.train.segmentation import loop, study
from inference.lab.train.segmentation.loop import (
    SegmentingData,
    SegmentingSettings,
    loss_of,
    train_unet,
)
from inference.lab.train.segmentation.patches import make_batch
from inference.lab.train.segmentation.study import collect
from tests.inference.engine.drawings import smear
from tests.inference.lab.notes import notes_of, write_notes

TINY = SegmentingSettings(filters=(4, 8), steps=12, batch=2, side=32, learning_rate=0.02)


@pytest.fixture(scope="module")
def short_warm_up():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("inference.lab.train.segmentation.loop.WARM_UP", 2)
        yield


@pytest.fixture(scope="module")
def data(short_warm_up):
    return SegmentingData(
        {"synthetic": list(sources.synthetic(Path(), 3))}, {"synthetic": 1.0}, "drawn"
    )


def test_one_picture_in_five_is_kept_back_by_its_name_alone():
    names = [Path(f"/anywhere/{number}.png") for number in range(2000)]
    assert np.mean([kept_back(name) for name in names]) == pytest.approx(0.2, abs=0.03)
    assert kept_back(names[0]) == kept_back(Path("/elsewhere/0.png"))


def test_drawn_masks_and_boxes_are_read(tmp_path):
    for name in ("images", "masks", "boxes"):
        (tmp_path / name).mkdir()
    level = np.array([[0, 128, 255]], np.uint8).repeat(20, axis=1).repeat(60, axis=0)
    cv2.imwrite(str(tmp_path / "masks" / "a.png"), level)
    cell, nucleus = drawn_masks(tmp_path / "images" / "a.png")
    assert cell[0, ::20].tolist() == [False, True, True]
    assert nucleus[0, ::20].tolist() == [False, False, True]
    corners = "<xmin>3</xmin><ymin>4</ymin><xmax>13</xmax><ymax>9</ymax>"
    objects = "".join(
        f"<object><name>{name}</name><bndbox>{corners}</bndbox></object>" for name in ("WBC", "RBC")
    )
    (tmp_path / "boxes" / "a.xml").write_text(f"<annotation>{objects}</annotation>")
    assert drawn_boxes(tmp_path / "images" / "a.jpg") == [(3, 4, 10, 5)]


def test_depth_is_zero_at_the_rim_and_full_in_the_middle_of_each_touching_cell():
    cells = np.zeros((40, 60), np.uint16)
    cells[5:35, 5:30], cells[5:35, 30:55] = 1, 2
    depth = depth_of(cells)
    assert depth[20, 29] == depth[20, 30] == depth[0, 0] == 0
    assert depth[20, 17] > 220
    assert depth[20, 42] > 220


def test_unknown_pixels_weigh_nothing():
    cells = np.zeros((64, 64), np.uint16)
    cells[20:40, 20:40] = 1
    rgb = np.full((64, 64, 3), 200, np.uint8)
    unknown = np.zeros((64, 64), bool)
    unknown[:, 32:] = True
    sample = make_sample(rgb, cells, cells > 0, unknown, radius_px=12.0)
    assert (sample.kind[:, 40:] == UNKNOWN).all()
    _, aim = make_batch([replace(sample, kind=np.full_like(sample.kind, UNKNOWN))], 32, rng())
    assert aim[..., 2].sum() == 0


def test_patches_follow_the_seed_and_hold_plain_densities(data):
    samples = data.samples["synthetic"]
    first, again = (make_batch(samples, 48, rng()) for _ in range(2))
    assert (first[0] == again[0]).all()
    assert first[0].shape == first[1].shape == (3, 48, 48, 3)
    assert np.isfinite(first[0]).all()
    assert first[0].min() >= 0


def test_an_empty_field_has_no_cell(data):
    assert all((sample.kind != 1).all() for sample in sources.empty(Path(), 2))
    assert any((sample.kind == 2).any() for sample in data.samples["synthetic"])


def test_the_loss_is_smaller_for_the_better_answer_and_blind_where_nothing_is_known():
    aim = np.zeros((1, 4, 4, 3), np.float32)
    aim[..., 2] = 1
    aim[0, :2, :, :2] = (2, 1)
    good = np.zeros((1, 4, 4, 4), np.float32)
    good[0, :2, :, 2:], good[0, 2:, :, 0], good[0, 2:, :, 3] = 5, 5, -5
    assert float(loss_of(aim, good)) < 0.2 < float(loss_of(aim, -good))
    aim[..., 2] = 0
    assert float(loss_of(aim, good)) == pytest.approx(float(loss_of(aim, -good)))


def test_training_lowers_the_loss(data):
    density, aim = make_batch(data.samples["synthetic"], TINY.side, rng())
    untrained, trained = unet.build(TINY.filters), train_unet(data, TINY)
    before, after = (loss_of(aim, one(density, training=True)) for one in (untrained, trained))
    assert float(after) < 0.9 * float(before)


def test_a_killed_run_goes_on_where_it_stopped(data, tmp_path, monkeypatch):
    monkeypatch.setattr("inference.lab.train.segmentation.loop.SAVED_EVERY", 5)
    whole = train_unet(data, TINY)
    steps = []

    def kill(share, words):
        steps.append(words)
        if len(steps) == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_unet(data, TINY, checkpoint=tmp_path, progress=kill)
    resumed = train_unet(data, TINY, checkpoint=tmp_path, progress=lambda _, w: steps.append(w))
    assert len(steps) == 8 + 7
    for mine, other in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        assert np.allclose(mine, other, atol=1e-4)


def test_a_run_ends_in_a_package_that_says_what_it_is(data, tmp_path):
    part = train_segmentation(
        data,
        TINY,
        Edition("tiny", "0.1.0", tmp_path),
        cache=tmp_path,
        told=Told([{"command": "none"}], "python manage.py train", notes_of(tmp_path)),
        full_precision=True,
    )
    card = json.loads((tmp_path / "tiny" / "0.1.0" / "card.json").read_text())
    assert read_part(part.path, KIND) == part
    assert card["training"]["pictures"] == {"synthetic": 3}
    assert card["figures"] == [{"command": "none"}]


def draw_sets(root):
    """The four sets of pictures, each a few drawn cells."""
    for name, side, radius in (
        *((f"wbc_masks/images/{number}.png", 120, 20) for number in range(8)),
        *((f"bccd/images/{number}.png", 160, 16) for number in range(8)),
        *((f"pbc_cells/{kind}/{number}.png", 96, 14) for kind in ("a", "b") for number in range(8)),
        *((f"pbc_cells/platelet/{number}.png", 96, 5) for number in range(8)),
        *(
            (f"taleqani/fields/{label}/{number}.png", 128, 13)
            for label in ("Benign", "Early", "Pre", "Pro")
            for number in range(6)
        ),
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = smear([(side // 2, side // 2)], size=(side, side), radius=radius, seed=side)
        cv2.imwrite(str(path), picture[..., ::-1])
    (root / "wbc_masks" / "masks").mkdir()
    (root / "bccd" / "boxes").mkdir()
    for number in range(8):
        mask = np.zeros((120, 120), np.uint8)
        cv2.circle(cv2.circle(mask, (60, 60), 20, 128, -1), (60, 60), 12, 255, -1)
        cv2.imwrite(str(root / "wbc_masks" / "masks" / f"{number}.png"), mask)
        corners = "".join(
            f"<{key}>{at}</{key}>"
            for key, at in {"xmin": 62, "ymin": 62, "xmax": 98, "ymax": 98}.items()
        )
        (root / "bccd" / "boxes" / f"{number}.xml").write_text(
            f"<a><object><name>WBC</name><bndbox>{corners}</bndbox></object></a>"
        )


def test_the_command_goes_from_pictures_to_a_package_of_the_notes_words(
    short_warm_up, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(loop, "LEAST_STEPS", 3)
    tiny = partial(SegmentingSettings, filters=(4, 8), batch=2, side=32)
    monkeypatch.setattr(loop, "SegmentingSettings", tiny)
    draw_sets(tmp_path / "data")
    options = [
        f"--data={tmp_path / 'data'}",
        f"--cache={tmp_path / 'cache'}",
        f"--output={tmp_path / 'made'}",
        "--limit=8",
        "--steps=3",
        "--json",
    ]
    with pytest.raises(CommandError, match="no notes"):
        call_command("train", "segmentation", "--edition=0.1.0", *options)
    write_notes(tmp_path / "data", listed_sha256(tmp_path / "data"))
    call_command("train", "segmentation", "--edition=0.1.0", *options)
    made = json.loads(capsys.readouterr().out)
    part = find_part(KIND, root=tmp_path / "made")
    assert made["sha256"] == part.sha256
    assert set(part.card.content["training"]["pictures"]) == set(sources.SOURCES)
    assert all(part.card.content["training"]["pictures"].values())
    assert part.card.content["limits"] == ["Knows drawn disks only."]


def test_other_pictures_are_neither_taken_from_the_cache_nor_gone_on_with(tmp_path):
    draw_sets(tmp_path)
    before = listed_sha256(tmp_path)
    assert listed_sha256(tmp_path) == before
    (tmp_path / "bccd" / "boxes" / "0.xml").write_text("<a></a>")
    assert listed_sha256(tmp_path) != before


def test_prepared_pictures_are_kept(tmp_path, monkeypatch):
    made = []

    def make(data, most):
        made.append(most)
        yield from sources.empty(data, most)

    monkeypatch.setattr(study, "listed_sha256", lambda data: "drawn")
    monkeypatch.setattr(sources, "SOURCES", {"empty": sources.Source(make, 5, 1.0)})
    first = collect(tmp_path, tmp_path / "cache", limit=2)
    again = collect(tmp_path, tmp_path / "cache", limit=2)
    assert made == [2]
    for one, other in zip(first.samples["empty"], again.samples["empty"], strict=True):
        assert (one.rgb == other.rgb).all()
        assert one.scale == other.scale


def test_missing_pictures_are_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="no pictures"):
        collect(tmp_path, tmp_path / "cache", limit=1)


def test_a_missing_set_of_single_cells_is_a_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="no pictures in .*pbc_cells"):
        next(sources.single(tmp_path, 1))


def test_a_box_that_no_outline_fills_is_a_cell_in_its_middle_and_unknown_at_its_rim():
    outlined = np.zeros((100, 200), np.uint16)
    outlined[20:60, 20:60] = 1
    cells = with_middles(outlined, [(20, 20, 40, 40), (100, 20, 60, 60), (180, 80, 8, 8)])
    assert cells[50, 130] == 2
    assert cells[22, 102] == 0
    assert set(np.unique(cells)) == {0, 1, 2}
    assert (cells[:, :90] == outlined[:, :90]).all()


def test_what_is_nearest_to_the_middle_is_the_cell_of_a_picture_of_one():
    mask = np.zeros((96, 96), bool)
    mask[40:60, 40:60] = mask[0:20, 0:20] = True
    chosen = in_the_middle(mask)
    assert chosen[50, 50]
    assert not chosen[10, 10]
    assert not in_the_middle(np.zeros((9, 9), bool)).any()


def test_a_platelet_teaches_that_there_is_no_cell(tmp_path):
    for kind, radius in (("platelet", 6), ("lymphocyte", 14)):
        (tmp_path / "pbc_cells" / kind).mkdir(parents=True)
        picture = smear([(48, 48)], size=(96, 96), radius=radius)
        for name in ("a.png", "b.png", "c.png"):
            cv2.imwrite(str(tmp_path / "pbc_cells" / kind / name), picture[..., ::-1])
    platelet, *_, cell = sources.single(tmp_path, 6)
    assert not np.isin(platelet.kind, (1, 2)).any()
    assert np.isin(cell.kind, (1, 2)).any()


def rng():
    return np.random.default_rng(3)
