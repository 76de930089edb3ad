"""Pictures of a case, and files on their way to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.policy import PolicyPaths, Scoped
from cases import choices
from cases.models.case import Case
from telepath.core.ids import new_id
from telepath.core.leases import Leased

_USER = settings.AUTH_USER_MODEL


class SmearImage(Leased, Scoped):
    """One picture of a smear field. `original_key` holds the bytes as they were sent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="images")
    position = models.PositiveIntegerField(help_text="1, 2, 3 ... within the case.")
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField(help_text="Bytes of the original.")
    sha256 = models.CharField(max_length=64)
    status = models.CharField(
        max_length=10, choices=choices.ImageStatus.choices, default=choices.ImageStatus.RECEIVED
    )
    refusal = models.TextField(blank=True, help_text="Why it was refused, for people.")
    refusal_code = models.CharField(max_length=40, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    original_key = models.CharField(max_length=300)
    display_key = models.CharField(max_length=300, blank=True)
    thumbnail_key = models.CharField(max_length=300, blank=True)
    tiles_prefix = models.CharField(max_length=300, blank=True)
    format = models.CharField(max_length=10, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    mpp = models.FloatField(null=True, blank=True, help_text="Microns per pixel, if known.")
    quality = models.JSONField(default=dict)
    run_id = models.UUIDField(null=True, blank=True, unique=True, help_text="Its latest analysis.")
    uploaded_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")
    policy_subject = "image"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sha256"], name="same_image_once_per_case"),
            models.UniqueConstraint(fields=["case", "position"], name="image_position_unique"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status="received"), name="images_being_checked"
            ),
            models.Index(fields=["sha256"], name="images_by_content"),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return self.filename


class Upload(Leased, Scoped):
    """A file on its way, in parts. Each part is a stored object; `offset` counts what is safe.

    Open with `offset == size` is work: all bytes are safe, the image is still to be made of them.
    The image takes the id of its upload, so that making it twice makes one.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="uploads")
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    offset = models.PositiveBigIntegerField(default=0)
    parts = models.JSONField(default=list, help_text="[[key, bytes], ...] in order.")
    position = models.PositiveIntegerField(
        null=True, help_text="The place in the case that is kept for the picture."
    )
    expected_sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(
        max_length=10, choices=choices.UploadStatus.choices, default=choices.UploadStatus.OPEN
    )
    problem = models.TextField(blank=True)
    image = models.ForeignKey(SmearImage, null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(offset__lte=F("size")), name="upload_within_its_size"
            )
        ]
        indexes = [
            models.Index(
                fields=["touched_at"], condition=Q(status="open"), name="open_uploads_by_age"
            )
        ]

    def __str__(self) -> str:
        return f"{self.filename} {self.offset}/{self.size}"
