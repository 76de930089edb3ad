"""Reads: models, runs and their cells, and how the work goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from inference.choices import RUN_ENDED, ModelStatus
from inference.models import AnalysisRun, Cell, ModelVersion


def active_model() -> ModelVersion | None:
    """The model that judges new images; None when no model is active."""
    return ModelVersion.objects.filter(status=ModelStatus.ACTIVE).first()


def shadow_model() -> ModelVersion | None:
    """The model that judges beside the active one; None when there is none."""
    return ModelVersion.objects.filter(status=ModelStatus.SHADOW).first()


def model_called(name: str, version: str) -> ModelVersion | None:
    """The model of this name and version; None when it is not registered."""
    return ModelVersion.objects.filter(name=name, version=version).first()


def model_list() -> QuerySet[ModelVersion]:
    """Every registered model with `run_count`, the number of its analyses; the newest first."""
    seen = Count("runs", filter=Q(runs__is_shadow=False))
    return ModelVersion.objects.annotate(run_count=seen).order_by("-registered_at")


def runs_by_id(ids: Iterable[UUID]) -> dict[UUID, AnalysisRun]:
    """Runs by their id, with the model. One query; unknown ids are left out."""
    return with_model(AnalysisRun.objects.all()).in_bulk(list(ids))


def is_any_open(ids: QuerySet[Any, Any]) -> bool:
    """Whether one of the runs that a query of ids names has not ended. One query, no run loaded."""
    return AnalysisRun.objects.filter(pk__in=ids).exclude(status__in=RUN_ENDED).exists()


def with_model(runs: QuerySet[AnalysisRun]) -> QuerySet[AnalysisRun]:
    """The same runs with their models, in one query; without the cards, 90 kB for each run."""
    heavy = ("model_version__card", "model_version__parity")
    return runs.select_related("model_version").defer(*heavy)


def cells_of_runs(ids: Iterable[UUID]) -> QuerySet[Cell]:
    """Cells of several runs, by run and number. A run that has not succeeded has none."""
    return Cell.objects.filter(run__in=list(ids)).order_by("run_id", "number")


def cell_get(pk: UUID) -> Cell | None:
    """One cell, whichever run found it; None when there is none."""
    return Cell.objects.filter(pk=pk).first()


SAMPLE = 2000
"""Cells from which the usual size in a case is read."""


def sizes_of_cells(ids: Iterable[UUID]) -> list[tuple[int, int]]:
    """Width and height in pixels of at most `SAMPLE` cells of these runs, always the same."""
    cells = Cell.objects.filter(run__in=list(ids)).order_by("number", "pk")
    return list(cells.values_list("width", "height")[:SAMPLE])


def likeliest_types(ids: Iterable[UUID]) -> dict[UUID, str]:
    """The likeliest cell type of each of these cells, however unsure; left out where there is none.

    One query, which takes only the types out of the evidence.
    """
    rows = Cell.objects.filter(pk__in=list(ids)).values_list("pk", "evidence__types")
    return {pk: max(types, key=types.__getitem__) for pk, types in rows if types}
