from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from inference.engine.package import PackageInvalid
from inference.engine.serving import exports
from inference.engine.serving.exports import RECORD, export, load
from inference.engine.serving.kept import keep_exports_in
from inference.engine.serving.runtime import compile_part
from tests.inference.engine.serving.conftest import SIDE


@pytest.fixture
def written(monkeypatch):
    """Exports become two small files; returns how often one was made."""
    made = []

    def write(model, folder: Path):
        made.append(model)
        (folder / "model.xml").write_text("<net/>")
        (folder / "model.bin").write_bytes(b"weights")

    monkeypatch.setattr(exports, "write_ir", write)
    return made


def test_an_export_is_made_once_and_names_what_it_came_from(package, tmp_path, written):
    first = export(package, object, tmp_path / "exports")
    again = export(package, object, tmp_path / "exports")
    assert (first, len(written)) == (again, 1)
    record = json.loads((first.path / RECORD).read_text())
    assert record["source"] == package.sha256
    assert set(record["files"]) == {"model.xml", "model.bin"}
    assert set(record["versions"]) == {"openvino", "keras"}


@pytest.mark.parametrize("damage", ["changed", "absent", "record"])
def test_a_damaged_export_is_made_anew(package, tmp_path, written, damage):
    made = export(package, object, tmp_path)
    if damage == "changed":
        (made.path / "model.bin").write_bytes(b"other")
    elif damage == "absent":
        (made.path / "model.xml").unlink()
    else:
        (made.path / RECORD).write_text("{")
    assert export(package, object, tmp_path) == made
    assert len(written) == 2
    assert (made.path / "model.bin").read_bytes() == b"weights"


def test_many_at_once_make_one_and_leave_nothing_aside(package, tmp_path, written):
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: export(package, object, tmp_path), range(6)))
    assert len(written) == 1
    assert len({one.path for one in found}) == 1
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".new-")] == []


def test_a_failed_conversion_leaves_no_half_export(package, tmp_path, monkeypatch):
    def fail(model, folder):
        (folder / "model.xml").write_text("<half")
        raise PackageInvalid("no")

    monkeypatch.setattr(exports, "write_ir", fail)
    with pytest.raises(PackageInvalid):
        export(package, object, tmp_path / "exports")
    assert not list((tmp_path / "exports").rglob("model.xml"))


def test_a_folder_that_cannot_be_written_is_one_sentence(package, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(PackageInvalid, match="Make the folder writable, or set MODEL_EXPORTS"):
        export(package, object, tmp_path / "file" / "exports")


def test_a_kept_export_answers_without_building_the_model(package, plain_network, tmp_path):
    def never():
        raise AssertionError("built again")

    keep_exports_in(tmp_path / "exports")
    given = np.full((2, SIDE, SIDE, 3), 90, np.uint8)
    first = compile_part(package, lambda: plain_network, batches=(2,))(given)
    second = compile_part(package, never, batches=(2,))(given)
    np.testing.assert_array_equal(first["output"], second["output"])
    assert load(export(package, never, tmp_path / "exports"), (2,)).shape == (SIDE, SIDE, 3)


SCRIPT = """
import sys
from pathlib import Path
from inference.engine.package import read_package
from inference.engine.serving.kept import keep_exports_in
from inference.engine.analyser import load_analyser
keep_exports_in(Path(sys.argv[2]))
load_analyser(read_package(Path(sys.argv[1])))
print(sorted({name.split(".")[0] for name in sys.modules} & {"tensorflow", "keras"}))
"""


def test_with_a_kept_export_a_worker_never_imports_tensorflow(package, plain_network, tmp_path):
    export(package, lambda: plain_network, tmp_path / "exports")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(package.path), str(tmp_path / "exports")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def _hold(place, ready, release):
    with exports._alone(place):
        ready.set()
        release.wait(20)


def test_the_lock_of_a_killed_process_is_free(package, tmp_path, written):
    place = export(package, object, tmp_path).path
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(place, ready, release))
    other.start()
    assert ready.wait(20)
    other.kill()
    other.join()
    assert export(package, object, tmp_path).path == place
