"""Signed reports."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import models

from accounts.policy import PolicyPaths, Scoped
from cases import choices
from cases.models.case import Case
from telepath.core.ids import new_id
from telepath.core.leases import Leased

_USER = settings.AUTH_USER_MODEL


class ReportVersion(Leased, Scoped):
    """A signed report, frozen. `document` is canonical JSON as text, so its hash can be had again.

    Never altered, but for `pdf_key`, which may be filled once, and the lease of whoever makes the
    PDF until then: the trigger sees to both.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    number = models.PositiveSmallIntegerField(help_text="1, 2, 3 ... within the case.")
    status = models.CharField(max_length=10, choices=choices.ReportStatus.choices)
    conclusion = models.CharField(max_length=20, choices=choices.Conclusion.choices)
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    amendment_reason = models.TextField(blank=True)
    addendum = models.TextField(blank=True, help_text="The text that this version adds.")
    signed_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    signer_name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=20, choices=choices.SignatureMeaning.choices)
    signed_at = models.DateTimeField()
    pdf_key = models.CharField(max_length=300, blank=True)

    policy_paths = PolicyPaths(clinic="case__clinic_id")
    policy_subject = "report"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="report_number_unique")
        ]
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.case} report {self.number}"

    @property
    def content(self) -> dict[str, Any]:
        """The signed document as values."""
        document: dict[str, Any] = json.loads(self.document)
        return document
