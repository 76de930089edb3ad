"""Enumerations of models, runs and cells."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ModelStatus(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    ACTIVE = "active", _("Active")
    SHADOW = "shadow", _("Shadow")
    RETIRED = "retired", _("Retired")


class ActivationKind(models.TextChoices):
    """How a model came to be the active one."""

    ACTIVATE = "activate", _("Activated")
    ROLL_BACK = "rollback", _("Rolled back to")


class RunStatus(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class WorkerState(models.TextChoices):
    """Of a worker process, as the status page names it. The values are styles of a status."""

    WORKING = "active", _("Takes work")
    STALLED = "failed", _("Takes no work")
    SILENT = "inactive", _("Silent")


RUN_OPEN = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})
RUN_ENDED = frozenset(RunStatus) - RUN_OPEN


class CellClass(models.TextChoices):
    """What a cell may be called in a differential. Order = order of the keys in review."""

    BLAST = "blast", _("Blast")
    LYMPHOCYTE = "lymphocyte", _("Lymphocyte")
    NEUTROPHIL = "neutrophil", _("Neutrophil")
    MONOCYTE = "monocyte", _("Monocyte")
    EOSINOPHIL = "eosinophil", _("Eosinophil")
    BASOPHIL = "basophil", _("Basophil")
    IMMATURE_GRANULOCYTE = "immature_granulocyte", _("Immature granulocyte")
    ERYTHROBLAST = "erythroblast", _("Erythroblast")
    SMUDGE = "smudge", _("Smudge cell")
    UNIDENTIFIED = "unidentified", _("Unidentified")
    NOT_A_CELL = "not_a_cell", _("Not a cell")
