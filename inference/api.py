"""`/api/v1/models/`: the models and their cards, to be read."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.http import actor_of
from accounts.policy import require_somewhere
from inference.models import ModelVersion


class ModelSerializer(serializers.ModelSerializer[ModelVersion]):
    """A model with its card."""

    class Meta:
        model = ModelVersion
        fields = (
            "id",
            "name",
            "version",
            "sha256",
            "status",
            "card",
            "audit_passed",
            "parity",
            "registered_at",
            "activated_at",
        )
        read_only_fields = fields


class ModelViewSet(ReadOnlyModelViewSet[ModelVersion]):
    """Models that suggest a morphology, newest first. Which one is active is said by `status`."""

    serializer_class = ModelSerializer
    queryset = ModelVersion.objects.none()

    def get_queryset(self) -> QuerySet[ModelVersion]:
        require_somewhere(actor_of(self.request), "model.view")
        return ModelVersion.objects.all()
