"""What a person keeps of lists for herself."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cases import choices

_USER = settings.AUTH_USER_MODEL


class SavedFilter(models.Model):
    """A view of a list that one person keeps under a name. query: what stands behind the `?`."""

    owner = models.ForeignKey(_USER, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.CharField(max_length=8, choices=choices.ListPage.choices)
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_filter_once")
        ]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
