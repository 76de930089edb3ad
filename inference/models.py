"""Models, runs and cells. Nothing here knows a patient or a clinic."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from inference.choices import ActivationKind, CellClass, ModelStatus, RunStatus
from inference.engine.card import Told, told_by
from inference.outcomes import Outcome, outcome_in
from telepath.core.ids import new_id
from telepath.core.leases import Leased

UNKNOWN_COVERAGE = 0.95
"""For a model whose card names none: its sets are then larger, so more cases are unsure."""


def _number_of_card(*path: str, otherwise: float) -> models.GeneratedField:
    """One number of the card as a column of its own, for those who need not the other 90 kB."""
    at = KeyTransform(path[0], "card")
    found = Cast(KeyTextTransform(path[1], at), models.FloatField())
    return models.GeneratedField(
        expression=Coalesce(found, Value(otherwise), output_field=models.FloatField()),
        output_field=models.FloatField(),
        db_persist=True,
    )


class ModelVersion(models.Model):
    """A package of weights with its card. `folder` is relative to MODEL_PACKAGES.

    The card with its figures is heavy: whoever joins a model to runs takes `selectors.with_model`,
    which leaves it out. What runs need of it stands in columns that the database keeps true.
    coverage: that the prediction sets of fields reach. crop_window: side of the square that a crop
    shows, in diameters of the field's typical cell.

    parity: what came out when the exported model was held against the Keras one, {} when nobody
    looked. A shadow judges beside the active model, and nobody is shown what it says of an image.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    version = models.CharField(max_length=30)
    sha256 = models.CharField(max_length=64)
    folder = models.CharField(max_length=200)
    card = models.JSONField(default=dict)
    parity = models.JSONField(default=dict)
    coverage = _number_of_card("decision", "coverage", otherwise=UNKNOWN_COVERAGE)
    crop_window = _number_of_card("crops", "window", otherwise=0.0)
    status = models.CharField(
        max_length=12, choices=ModelStatus.choices, default=ModelStatus.REGISTERED
    )
    registered_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="model_version_unique"),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status=ModelStatus.ACTIVE), name="one_active_model"
            ),
            models.UniqueConstraint(
                fields=["status"], condition=Q(status=ModelStatus.SHADOW), name="one_shadow_model"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def told(self) -> Told:
        """What the card tells people."""
        return told_by(self.card)

    @property
    def audit_passed(self) -> bool:
        """Whether the card says that the shortcut audit passed. A card without one did not."""
        return self.told.audit is not None and self.told.audit.passed

    @property
    def parity_shown(self) -> bool:
        """Whether the exported model was seen to answer as the trained one does."""
        return self.parity.get("passed") is True


class ModelActivation(models.Model):
    """One change of the active model. Never altered: a trigger refuses UPDATE and DELETE."""

    model = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="activations")
    previous = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    kind = models.CharField(max_length=10, choices=ActivationKind.choices)
    actor_name = models.CharField(max_length=200)
    actor_id = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.model}"


class RunsForPeople(models.Manager["AnalysisRun"]):
    """Leaves out the runs of a shadow: whoever asks for runs without thinking never meets one."""

    def get_queryset(self) -> models.QuerySet[AnalysisRun]:
        return super().get_queryset().filter(is_shadow=False)


class AnalysisRun(Leased):
    """One stored image through one model. The row is the truth; a message is only a hint.

    Running is what a worker has in hand. `audience` is an opaque live-event audience for progress.
    `model_version` is the model that was active when the run was asked for;
    `services.runs.claims` says when it moves.

    is_shadow: a second opinion of the shadow model on the image of `shadow_of`. It keeps no cells,
    moves no case, and only `with_shadows` sees it: the machinery of runs and the comparison of
    models. Everybody else reads `objects`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="runs", null=True, blank=True
    )
    input_key = models.CharField(max_length=300)
    input_sha256 = models.CharField(max_length=64)
    input_mpp = models.FloatField(null=True, blank=True, help_text="Microns per pixel, if known.")
    audience = models.CharField(max_length=80, blank=True)
    priority = models.SmallIntegerField(default=0, help_text="Higher is analysed first.")
    is_shadow = models.BooleanField(default=False)
    shadow_of = models.ForeignKey(
        "self", on_delete=models.CASCADE, related_name="shadows", null=True, blank=True
    )
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.QUEUED)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    progress = models.PositiveSmallIntegerField(default=0, help_text="0 to 100")
    stage = models.CharField(max_length=60, blank=True)
    result = models.JSONField(default=dict, help_text="Field label, probabilities, quality, count.")
    timings_ms = models.JSONField(default=dict)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.TextField(blank=True, help_text="Readable by a user.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunsForPeople()
    with_shadows = models.Manager["AnalysisRun"]()

    class Meta:
        indexes = [
            models.Index(
                fields=["-priority", "created_at"],
                condition=Q(status=RunStatus.QUEUED),
                name="run_queue",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(status=RunStatus.RUNNING),
                name="running_by_lease",
            ),
            models.Index(
                fields=["finished_at"],
                condition=Q(finished_at__isnull=False),
                name="run_by_end",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="run_ended_has_time",
                condition=Q(status__in=["queued", "running"], finished_at__isnull=True)
                | Q(status__in=["succeeded", "failed", "cancelled"], finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="shadow_has_original",
                condition=Q(is_shadow=False, shadow_of__isnull=True)
                | Q(is_shadow=True, shadow_of__isnull=False, audience=""),
            ),
            models.UniqueConstraint(
                fields=["shadow_of", "model_version"],
                condition=Q(is_shadow=True),
                name="one_shadow_of_a_run",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.id} {self.status}"

    @property
    def outcome(self) -> Outcome | None:
        """What the run found out, None while it has not."""
        return outcome_in(self.result)


class Cell(models.Model):
    """One segmented cell as the model saw it; never altered by a human's correction."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(AnalysisRun, on_delete=models.CASCADE, related_name="cells")
    number = models.PositiveIntegerField(help_text="Its value in the field's mask.")
    x = models.PositiveIntegerField()
    y = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    area_px = models.PositiveIntegerField()
    contour = models.JSONField(default=list, help_text="[[x, y], ...] in pixels of the image.")
    label = models.CharField(max_length=30, help_text="The model's class, or 'unsure'.")
    cell_class = models.CharField(max_length=24, choices=CellClass.choices)
    probabilities = models.JSONField(default=dict)
    prediction_set = ArrayField(models.CharField(max_length=30), default=list)
    weight = models.FloatField(default=0, help_text="Share in the field's decision, 0 to 1.")
    is_cut = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Cut by the border or the scale bar: drawn, judged by people only.",
    )
    doubt = models.FloatField(
        default=0, db_default=0, help_text="1 - the probability of what it is called, 0 to 1."
    )
    morphology = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict, help_text="Why: map, nearest references, attention.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="cell_number_unique")]
        indexes = [models.Index(fields=["run", "cell_class", "is_cut"], name="cells_to_count")]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"cell {self.number}: {self.label}"


class Worker(models.Model):
    """The last sign of life of a worker process, for the status page and for health checks."""

    name = models.CharField(max_length=120, primary_key=True)
    queues = ArrayField(models.CharField(max_length=40), default=list)
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    worked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it last took work or had some in hand."
    )

    def __str__(self) -> str:
        return self.name
