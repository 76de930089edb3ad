"""Notes on pictures that a test has drawn."""

from __future__ import annotations

import json

from inference.lab.publish.notes import NOTES, read_notes

WORDS = {
    "position": "For tests.",
    "limits": ["Knows drawn disks only."],
    "tried": [],
    "source": [{"name": "Drawn", "reference": "This test", "terms": "None"}],
}


def write_notes(folder, sha256, **changes):
    """Write `NOTES.toml` into `folder`; `changes` replace its words, None leaves one out."""
    words = {"data_sha256": sha256, **WORDS, **changes}
    sources = words.pop("source", None) or []
    lines = [f"{key} = {json.dumps(one)}" for key, one in words.items() if one is not None]
    for source in sources:
        lines += ["[[source]]", *(f"{key} = {json.dumps(one)}" for key, one in source.items())]
    path = folder / NOTES
    path.write_text("\n".join(lines))
    return path


def notes_of(folder, **changes):
    """Notes as a training gets them."""
    return read_notes(write_notes(folder, "drawn", **changes), "drawn")
