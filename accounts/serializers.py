"""How people, organisations and events look to a program."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.actors import Actor
from accounts.models import AuditEvent, Organisation


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    class Meta:
        model = Organisation
        fields = ["id", "name", "code", "kind", "time_zone"]


class _SetField(serializers.ListField):
    """A set, in an order that does not change from answer to answer."""

    def to_representation(self, data: Any) -> list[Any]:
        return super().to_representation(sorted(data))


class MeSerializer(serializers.Serializer[Actor]):
    """Who this session or token is."""

    kind = serializers.ChoiceField(choices=["user", "token"])
    id = serializers.CharField()
    name = serializers.CharField()
    scopes = _SetField(child=serializers.CharField(), help_text="Of a token.")
    submits_for = _SetField(child=serializers.UUIDField())
    reads_for = _SetField(child=serializers.UUIDField(), source="clinics_read")
    administers = _SetField(child=serializers.UUIDField())
    clinics = _SetField(
        child=serializers.UUIDField(), source="token_clinics", help_text="Of a token."
    )
    is_site_administrator = serializers.BooleanField()


class AuditFilterSerializer(serializers.Serializer[Any]):
    """Questions to the log."""

    person = serializers.CharField(
        required=False, allow_blank=True, help_text="Part of the name of who did it."
    )
    action = serializers.CharField(
        required=False, allow_blank=True, help_text="Beginning of the action, such as `case.`."
    )
    obj = serializers.CharField(
        required=False, allow_blank=True, help_text="Part of the object's name, or its whole id."
    )
    since = serializers.DateField(required=False, help_text="First day, YYYY-MM-DD.")
    until = serializers.DateField(required=False, help_text="Last day, YYYY-MM-DD.")
    organisation = serializers.UUIDField(required=False, help_text="Id of an organisation.")


class AuditEventSerializer(serializers.ModelSerializer[AuditEvent]):
    class Meta:
        model = AuditEvent
        exclude = ["previous_hash"]
