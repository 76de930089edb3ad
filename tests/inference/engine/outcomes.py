"""What the shipped models say of ten real fields, to hold the engine to it.

`python -m tests.inference.engine.outcomes` writes the file again: only when the engine or its
models are meant to answer differently. It holds no pixel, only what was said.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from pathlib import Path

import openvino

from inference.engine.analyser import load_analyser
from inference.engine.files import analyse_files
from inference.engine.package import find_package

DATA = Path(os.environ.get("TELEPATH_DATA", "../shared/data")) / "taleqani"
STORED = Path(__file__).parent / "data" / "outcomes.json"
EVERY = 252
"""One field of so many of the list: ten of them."""
OF_THE_MACHINE = ("path", "timings_ms")
SHOWN = ("bbox", "label", "cell_class", "probabilities", "is_cut")


def arithmetic() -> str:
    """What decides the last bits of a network's answer."""
    flags = {"avx2", "avx512f", "avx512_bf16", "fma"}
    cpu = Path("/proc/cpuinfo").read_text().split("\nflags")[1].split("\n")[0].split()
    return " ".join([openvino.__version__, *sorted(flags & set(cpu))])


def outcomes(masks: Path) -> dict[str, dict]:
    """By path of the field: hash of all that is said of it, and the most of it to read."""
    with (DATA / "manifest.csv").open() as file:
        names = [row["path"] for row in csv.DictReader(file)][::EVERY]
    analyser = load_analyser(find_package())
    lines = analyse_files([DATA / name for name in names], analyser, masks)
    drawn = ({**line, "mask": _sha256(masks / f"{Path(line['path']).stem}.png")} for line in lines)
    return {name: _outcome(line) for name, line in zip(names, drawn, strict=True)}


def _outcome(line: dict) -> dict:
    said = {key: value for key, value in line.items() if key not in OF_THE_MACHINE}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "field": {**line["field"], "status": line["status"], "count": line["count"]},
        "cells": [{key: cell[key] for key in SHOWN} for cell in line["cells"]],
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        found = outcomes(Path(folder))
    lines = (f"{json.dumps(name)}: {json.dumps(one)}" for name, one in found.items())
    STORED.write_text(
        f'{{"arithmetic": {json.dumps(arithmetic())},\n"fields": {{\n' + ",\n".join(lines) + "}}\n"
    )
