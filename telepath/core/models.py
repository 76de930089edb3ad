"""Rows that every floor may need: live events."""

from __future__ import annotations

from django.db import models


class AudienceHead(models.Model):
    """The last number given to an audience. Its row lock makes numbers gap-free and in order."""

    audience = models.CharField(max_length=80, primary_key=True)
    last_number = models.BigIntegerField(default=0)


class LiveEvent(models.Model):
    """Something that happened, for browsers that watch. Carries keys, never patient data."""

    audience = models.CharField(max_length=80)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    payload = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["audience", "number"], name="live_event_number_unique")
        ]

    def __str__(self) -> str:
        return f"{self.audience} #{self.number} {self.kind}"
