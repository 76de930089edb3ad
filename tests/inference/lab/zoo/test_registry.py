from __future__ import annotations

import subprocess
import sys

import pytest

from inference.lab.zoo.bases import BASES, VOTERS
from inference.lab.zoo.presets import PRESETS, BuildRefused
from inference.lab.zoo.registry import build, preset_of


def test_every_base_and_every_voter_has_a_preset():
    assert set(VOTERS) <= set(BASES) < set(PRESETS)
    assert all(PRESETS[name].pretrained for name in BASES)


def test_looking_an_architecture_up_loads_no_keras():
    code = (
        "import sys; from inference.lab.zoo import registry; registry.preset_of('allnet');"
        "sys.exit(any(m in sys.modules for m in ('keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_names_list_the_known_ones():
    with pytest.raises(KeyError, match="convnet"):
        preset_of("cell_cnn")


def test_a_side_that_leaves_no_pixel_is_refused_before_keras_stumbles():
    with pytest.raises(BuildRefused, match="75 pixels"):
        build("inception_v3", 74, 4)


def test_weights_for_an_architecture_that_never_had_any_are_refused(tmp_path):
    with pytest.raises(BuildRefused, match="no ImageNet weights for convnet"):
        build("convnet", 32, 4, weights=tmp_path)
    with pytest.raises(BuildRefused, match="no ImageNet weights for allnet"):
        build("allnet", 32, 2, frozen=True)
