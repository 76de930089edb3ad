from __future__ import annotations

import subprocess
import sys

import pytest

from inference.engine.zoo.registry import ARCHITECTURES, BuildRefused, build, names, preset_of


def test_every_whole_field_architecture_has_a_preset_and_no_other_has():
    assert all(
        (known.preset is not None) == (known.kind == "field") for known in ARCHITECTURES.values()
    )
    assert {"convnet", "mobilenet", "allnet", "voting"} <= set(names("field"))
    assert "cell_cnn" in names("cell")


def test_looking_an_architecture_up_loads_no_keras():
    code = (
        "import sys; from inference.engine.zoo import registry; registry.preset_of('allnet');"
        "sys.exit(any(m in sys.modules for m in ('keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_names_list_the_known_ones():
    with pytest.raises(KeyError, match="cell_cnn"):
        build("oracle", 48, 4)
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
