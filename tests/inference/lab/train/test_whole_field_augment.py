from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from inference.lab.train.whole_field.augment import augment
from inference.lab.train.whole_field.recipes import PLAIN, RECIPES, STAINS, Recipe

STRENGTH = {
    "rotation": 40.0,
    "shear": 0.3,
    "zoom": 0.3,
    "crop": 0.3,
    "flip_h": True,
    "flip_v": True,
    "contrast": 0.4,
    "brightness": 0.3,
    "cutout": 0.3,
    "blur": 2.0,
    "salt_pepper": 0.05,
    "stain": 0.3,
    "lamp": 0.2,
}
NAMES = [field.name for field in fields(Recipe)]
PAPERS = ("telediagnosis", "comparison", "single_cells")


@pytest.fixture(scope="module")
def pictures():
    """Eight pictures with a bright upper left quarter on a soft slope of colour."""
    rng = np.random.default_rng(0)
    slope = np.linspace(60, 160, 32)[None, :, None, None] + np.array([0, 20, 40])
    drawn = np.broadcast_to(slope, (8, 32, 32, 3)) + rng.normal(0, 4, (8, 32, 32, 3))
    drawn[:, :12, :12] += 60
    return drawn.clip(0, 255).astype(np.uint8)


def changed(pictures, recipe, seed=1):
    return augment(pictures, recipe, np.random.default_rng(seed))


def test_a_plain_recipe_changes_nothing(pictures):
    assert np.array_equal(changed(pictures, PLAIN), pictures.astype(np.float32))


@pytest.mark.parametrize("name", NAMES)
def test_each_ingredient_changes_pictures_on_its_own(pictures, name):
    found = changed(pictures, replace(PLAIN, **{name: STRENGTH[name]}))
    assert np.abs(found - pictures).max() > 5


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_what_comes_out_is_bounded_and_depends_on_the_seed_only(pictures, name):
    first, again = changed(pictures, RECIPES[name]), changed(pictures, RECIPES[name])
    assert first.dtype == np.float32
    assert first.shape == pictures.shape
    assert first.min() >= 0
    assert first.max() <= 255
    assert np.array_equal(first, again)
    if name != "plain":
        assert not np.array_equal(first, changed(pictures, RECIPES[name], seed=2))


def test_the_papers_never_vary_stain_and_lamp_and_ours_does():
    assert all(RECIPES[name].stain == RECIPES[name].lamp == 0 for name in PAPERS)
    assert STAINS.stain > 0
    assert STAINS.lamp > 0


def test_the_recipe_of_the_telediagnosis_is_the_printed_one():
    recipe = RECIPES["telediagnosis"]
    assert (recipe.shear, recipe.zoom, recipe.flip_h, recipe.flip_v) == (0.2, 0.2, True, False)


def test_a_mirrored_picture_is_the_mirror_image(pictures):
    found = changed(pictures, Recipe(flip_h=True))
    mirrored = pictures[:, :, ::-1].astype(np.float32)
    kinds = [
        next(
            name
            for name, like in (("same", pictures), ("mirrored", mirrored))
            if np.array_equal(one, like[index])
        )
        for index, one in enumerate(found)
    ]
    assert set(kinds) == {"same", "mirrored"}


def test_more_dye_darkens_and_never_touches_white(pictures):
    white = np.full_like(pictures, 255)
    assert (changed(white, Recipe(stain=0.5)) == 255).all()


def test_the_cut_out_square_has_the_size_of_the_recipe(pictures):
    found = changed(pictures, Recipe(cutout=0.25))
    grey = (found == 127).all(axis=-1).sum(axis=(1, 2))
    assert (grey >= 64).all()
    assert (grey < 70).all()
