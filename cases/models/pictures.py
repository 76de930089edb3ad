"""Which pictures a report shall carry."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cases.models.case import Case
from cases.models.images import SmearImage


class PictureChoice(models.Model):
    """What the reader chose for the report of a case. Without a row the program chooses."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="picture_choice")
    cells = models.JSONField(default=list, help_text="Ids of cells, in order.")
    field = models.ForeignKey(SmearImage, null=True, on_delete=models.SET_NULL, related_name="+")
    chosen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    chosen_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{len(self.cells)} pictures of {self.case}"
