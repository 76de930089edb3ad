"""Two models on the same pictures, here and now. Loads both: not for web processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from inference.choices import RunStatus
from inference.engine.types import FieldInput
from inference.models import AnalysisRun, ModelVersion
from inference.services.analysers import analyser_for
from inference.services.inputs import FIELD_LIMITS, read_input
from telepath.core.errors import Invalid, WorkError
from telepath.core.images import ImageRefused, decode


@dataclass(frozen=True, slots=True)
class Compared:
    """One picture. `problem` says why neither model was asked; the decisions are empty then."""

    name: str
    first: str = ""
    second: str = ""
    problem: str = ""


Picture = tuple[str, FieldInput | str]
"""Its name, and the decoded field or why there is none."""


def compare_on(
    first: ModelVersion, second: ModelVersion, pictures: Iterable[Picture]
) -> Iterator[Compared]:
    """What both models decide on each picture, in order. Raises Invalid when one cannot be read."""
    try:
        analysers = [analyser_for(model) for model in (first, second)]
    except WorkError as error:
        raise Invalid(error.message) from error
    for name, field in pictures:
        if isinstance(field, str):
            yield Compared(name, problem=field)
        else:
            said = [analyser.analyse_batch([field])[0].decision for analyser in analysers]
            yield Compared(name, *said)


def recent_pictures(limit: int) -> Iterator[Picture]:
    """The pictures of the site's newest analyses, each with the id of its run. Raises Invalid."""
    if limit < 1:
        raise Invalid("Name at least one image to compare on.")
    runs = AnalysisRun.objects.filter(status=RunStatus.SUCCEEDED).order_by("-finished_at")
    for run in runs[:limit]:
        try:
            yield str(run.pk), read_input(run)
        except WorkError as error:
            yield str(run.pk), error.message


def pictures_in(folder: Path) -> Iterator[Picture]:
    """Every file in `folder`, by name. Raises Invalid when there is no such folder or no file."""
    files = sorted(path for path in folder.glob("*") if path.is_file())
    if not files:
        raise Invalid(f"{folder} holds no picture. Name a folder of smear fields.")
    for path in files:
        try:
            picture = decode(path, limits=FIELD_LIMITS)
        except ImageRefused as refused:
            yield path.name, refused.message
        else:
            yield path.name, FieldInput(picture.pixels, picture.mpp)
