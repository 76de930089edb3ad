from __future__ import annotations

import subprocess
import sys

import pytest

from inference.engine.zoo.registry import build, names


def test_cells_and_bags_are_known_apart():
    assert names("bag") == ["cell_bank"]
    assert names("cell") == ["cell_cnn", "type_net"]


def test_looking_an_architecture_up_loads_no_keras():
    code = (
        "import sys; from inference.engine.zoo import registry; registry.names('bag');"
        "sys.exit(any(m in sys.modules for m in ('keras', 'tensorflow')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_unknown_names_list_the_known_ones():
    with pytest.raises(KeyError, match="cell_cnn"):
        build("oracle", 48, 4)
