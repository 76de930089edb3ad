"""Does a worker's memory stay flat? Resident size after a few fields and after very many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, islice
from pathlib import Path

import psutil

from inference.engine.analyser import FieldAnalyser
from inference.engine.files import analyse_files

EARLY = 100
"""Fields after which a worker is warm."""


def resident_memory(
    analyser: FieldAnalyser,
    files: Sequence[Path],
    fields: int,
    watch: Callable[[Iterable[Path]], Iterable[Path]],
) -> dict[str, float]:
    """MiB after `EARLY` and after all `fields`, which are more; one after another, from files."""
    sizes = {}
    for number, path in enumerate(watch(islice(cycle(files), fields)), start=1):
        for _ in analyse_files([path], analyser):
            pass
        if number in (EARLY, fields):
            sizes[number] = psutil.Process().memory_info().rss / 2**20
    return {
        "fields": fields,
        f"after_{EARLY}_mib": round(sizes[EARLY], 1),
        "after_all_mib": round(sizes[fields], 1),
        "ratio": round(sizes[fields] / sizes[EARLY], 4),
    }
