"""The pictures of a case as a page shows them, each with its analysis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from cases.choices import ImageStatus
from cases.counting import field_decision, unfit_because
from cases.models import Case, SmearImage
from cases.selectors.images import mix_up, same_elsewhere
from inference.choices import RUN_ENDED
from inference.models import AnalysisRun
from inference.outcomes import Outcome
from inference.selectors import runs_by_id


@dataclass(frozen=True, slots=True)
class Picture:
    """One row of the list of pictures."""

    image: SmearImage
    run: AnalysisRun | None
    twins: tuple[SmearImage, ...] = ()

    @property
    def version(self) -> str:
        """Changes whenever the row would look different; progress alone moves only its bar."""
        run = self.run.status if self.run else ""
        return f"{self.image.status}-{run}{'-twin' * bool(self.twins)}"

    @property
    def _outcome(self) -> Outcome | None:
        return self.run.outcome if self.run else None

    @property
    def warnings(self) -> list[str]:
        """In plain words: mix-ups, quality as measured on arrival and by the run with its cells."""
        found = {one["code"]: one["message"] for one in self.image.quality.get("warnings", ())}
        if self._outcome:
            found |= {one.code: one.message for one in self._outcome.warnings}
        return [*map(mix_up, self.twins), *found.values()]

    @property
    def suggested(self) -> str:
        """What is suggested for this field alone, as it counts in its case; "" without a result."""
        said = self._outcome
        return field_decision(said) if said and said.label else ""

    @property
    def unfit(self) -> str:
        """Why an analysed field has no vote on its case, in words; "" when it has one."""
        return unfit_because(self._outcome) if self._outcome else ""

    @property
    def quality(self) -> str:
        """What was measured, in a word each: "12 white cells · sharp". Empty before the check."""
        count = self._outcome.white_cells if self._outcome else None
        words = [] if count is None else [_cells(count)]
        if "focus" in self.image.quality and not self.image.quality.get("warnings"):
            words.append("sharp")
        return " · ".join(words)

    @property
    def assumed(self) -> list[str]:
        """What the file left open, and how it was read."""
        return list(self.image.quality.get("assumed", ()))


def _cells(count: int) -> str:
    return f"{count or 'no'} white cell{'' if count == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Progress:
    """The analysis of a whole case, while it goes on."""

    done: int
    total: int
    percent: int


def progress_of(pictures: Iterable[Picture]) -> Progress | None:
    """None once every analysis has ended, or before one was asked for."""
    runs = [picture.run for picture in pictures if picture.run]
    done = sum(run.status in RUN_ENDED for run in runs)
    if done == len(runs):
        return None
    whole = sum(100 if run.status in RUN_ENDED else run.progress for run in runs)
    return Progress(done=done, total=len(runs), percent=whole // len(runs))


def pictures_of(case: Case) -> list[Picture]:
    """All pictures in order, with their latest analysis. Three queries."""
    images = list(case.images.all())
    runs = runs_by_id(image.run_id for image in images if image.run_id)
    twins = defaultdict(list)
    for twin in same_elsewhere(case):
        twins[twin.sha256].append(twin)
    return [
        Picture(image, runs.get(image.run_id) if image.run_id else None, tuple(twins[image.sha256]))
        for image in images
    ]


def usable(pictures: Iterable[Picture]) -> list[Picture]:
    """Those that can be looked at."""
    return [picture for picture in pictures if picture.image.status == ImageStatus.READY]
