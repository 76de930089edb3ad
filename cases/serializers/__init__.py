"""How patients, cases, cells and reports look to a program. Shapes only; rules are in services.

What is read from cells and counted stands in `reading`.
"""

from __future__ import annotations

import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cases import choices
from cases.clinical import MEASURES, NAMES, WORDS
from cases.models import Case, CaseTransition, Patient, ReportVersion, SmearImage
from cases.selectors.triage import Triage, triage_of
from cases.standing import Flag
from telepath.api.fields import Text


class PatientSerializer(serializers.ModelSerializer[Patient]):
    class Meta:
        model = Patient
        fields = ["id", "clinic", "mrn", "name", "sex", "birth_date", "created_at"]


class PatientEditSerializer(serializers.Serializer[Patient]):
    """What may be corrected about a patient."""

    mrn = Text(max_length=40, help_text="Medical record number.")
    name = Text(max_length=120)
    sex = serializers.ChoiceField(choices=choices.Sex.choices)
    birth_date = serializers.DateField()


class PatientNewSerializer(PatientEditSerializer):
    clinic = serializers.UUIDField()
    is_another = serializers.BooleanField(
        default=False,
        help_text="Say so after a `possible_twin`: same name and birth date, another person.",
    )


class TransitionSerializer(serializers.ModelSerializer[CaseTransition]):
    class Meta:
        model = CaseTransition
        fields = ["from_status", "to_status", "actor_name", "reason_code", "reason", "at"]


class ImageSerializer(serializers.ModelSerializer[SmearImage]):
    """What is known about a picture; its bytes have their own addresses."""

    class Meta:
        model = SmearImage
        fields = [
            "id",
            "case",
            "position",
            "filename",
            "size",
            "sha256",
            "status",
            "refusal",
            "refusal_code",
            "format",
            "width",
            "height",
            "mpp",
            "quality",
            "run_id",
            "created_at",
            "checked_at",
        ]


class CaseSerializer(serializers.ModelSerializer[Case]):
    patient = PatientSerializer(read_only=True)
    assignee = serializers.StringRelatedField[Case](read_only=True, allow_null=True)

    class Meta:
        model = Case
        fields = [
            "id",
            "accession",
            "status",
            "priority",
            "clinic",
            "patient",
            "specimen",
            "stain",
            "clinical_information",
            *NAMES,
            "collected_on",
            "no_ai_reason",
            "is_synthetic",
            "assignee",
            "created_at",
            "submitted_at",
            "ready_at",
            "claimed_at",
            "signed_at",
        ]


class CaseDetailSerializer(CaseSerializer):
    """A case with its pictures and every change of its state."""

    images = ImageSerializer(many=True, read_only=True)
    transitions = TransitionSerializer(many=True, read_only=True)

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "images", "transitions"]


class CaseEditSerializer(serializers.Serializer[Case]):
    """What the clinic says about a case."""

    specimen = serializers.ChoiceField(choices=choices.Specimen.choices)
    stain = serializers.ChoiceField(choices=choices.Stain.choices)
    priority = serializers.ChoiceField(choices=choices.Priority.choices, default=0)
    clinical_information = Text(max_length=4000, allow_blank=True, default="")
    collected_on = serializers.DateField(allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        """Those, and what `cases.clinical` asks for."""
        numbers = {
            one.name: serializers.DecimalField(
                max_digits=9, decimal_places=2, allow_null=True, default=None, help_text=one.unit
            )
            for one in MEASURES
        }
        texts = {
            name: Text(max_length=longest, allow_blank=True, default="", help_text=label)
            for name, (label, longest) in WORDS.items()
        }
        return {**super().get_fields(), **numbers, **texts}


class CaseNewSerializer(CaseEditSerializer):
    patient = serializers.UUIDField()


class CancelSerializer(serializers.Serializer[Case]):
    reason_code = serializers.ChoiceField(choices=choices.CancelReason.choices)
    reason = Text(allow_blank=True, default="")


class ReturnSerializer(serializers.Serializer[Case]):
    reason_code = serializers.ChoiceField(choices=choices.ReturnReason.choices)
    reason = Text(allow_blank=True, default="")
    pictures = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        default=list,
        max_length=1000,
        help_text="Numbers of the pictures concerned.",
    )


class AssignSerializer(serializers.Serializer[Case]):
    reader = serializers.IntegerField()


class TriageSerializer(serializers.Serializer[Triage]):
    """Why a case stands where it stands in the queue."""

    concern = serializers.IntegerField(help_text="0 to 100: risk and doubt within its priority.")
    flags = serializers.ListField(child=serializers.ChoiceField(choices=Flag.choices))
    is_flagged = serializers.BooleanField()
    is_read = serializers.BooleanField(help_text="The count is a reader's, not the model's alone.")
    images = serializers.IntegerField(help_text="Analysed well.")
    white_cells = serializers.IntegerField()
    blasts = serializers.IntegerField()
    unsure = serializers.IntegerField(help_text="Images on which the model does not decide.")
    suggested = serializers.CharField(help_text="The model's decision on the case, if any.")
    warnings = serializers.ListField(child=serializers.CharField())
    due_at = serializers.DateTimeField(allow_null=True, help_text="By when it should be signed.")


class QueuedCaseSerializer(CaseSerializer):
    triage = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields = [*CaseSerializer.Meta.fields, "triage"]

    @extend_schema_field(TriageSerializer)
    def get_triage(self, case: Case) -> dict[str, Any]:
        return dict(TriageSerializer(triage_of(case)).data)


class CheckSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    passed = serializers.BooleanField()
    sentence = serializers.CharField()


class CheckFilterSerializer(serializers.Serializer[Any]):
    conclusion = serializers.ChoiceField(choices=choices.Conclusion.choices, required=False)


class SignSerializer(serializers.Serializer[ReportVersion]):
    """A signature: what is concluded, what signing means, and the signer's password."""

    conclusion = serializers.ChoiceField(choices=choices.Conclusion.choices)
    comment = Text(max_length=8000, allow_blank=True, default="")
    meaning = serializers.ChoiceField(choices=choices.SignatureMeaning.choices)
    password = Text(write_only=True, trim_whitespace=False, style={"input_type": "password"})


class AmendSerializer(SignSerializer):
    reason = Text(max_length=4000)
    replaces = serializers.IntegerField(help_text="Version that the signer had before her.")


class AddendumSerializer(serializers.Serializer[ReportVersion]):
    """Text added to a signed report; nothing that stands there changes."""

    text = Text(max_length=8000)
    meaning = serializers.ChoiceField(choices=choices.SignatureMeaning.choices)
    password = Text(write_only=True, trim_whitespace=False, style={"input_type": "password"})
    appends = serializers.IntegerField(help_text="Version that the signer had before her.")


class ReportSerializer(serializers.ModelSerializer[ReportVersion]):
    class Meta:
        model = ReportVersion
        fields = [
            "id",
            "case",
            "number",
            "status",
            "conclusion",
            "sha256",
            "amendment_reason",
            "addendum",
            "signer_name",
            "meaning",
            "signed_at",
        ]


class VerdictSerializer(serializers.Serializer[Any]):
    holds = serializers.BooleanField()
    sentence = serializers.CharField()


class ReportDetailSerializer(ReportSerializer):
    """A report version with its signed document, and whether it still is what was signed."""

    document = serializers.SerializerMethodField()
    verdict = VerdictSerializer(read_only=True)

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "document", "verdict"]

    @extend_schema_field(serializers.DictField())
    def get_document(self, report: ReportVersion) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(report.document)
        return document


class CaseFilterSerializer(serializers.Serializer[Case]):
    query = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="Accession, record number, birth date, beginnings of names.",
    )
    status = serializers.MultipleChoiceField(choices=choices.CaseStatus.choices, required=False)
    clinic = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False)
    priority = serializers.ChoiceField(choices=choices.Priority.choices, required=False)


class ImageFilterSerializer(serializers.Serializer[SmearImage]):
    case = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False)


class QueueFilterSerializer(serializers.Serializer[Case]):
    """Parameters that narrow the queue; those left out do not."""

    clinic = serializers.UUIDField(required=False)
    priority = serializers.ChoiceField(choices=choices.Priority.choices, required=False)
    specimen = serializers.ChoiceField(choices=choices.Specimen.choices, required=False)
    status = serializers.ChoiceField(choices=choices.WAITING, required=False)
    mine = serializers.BooleanField(required=False, default=False)
    unassigned = serializers.BooleanField(required=False, default=False)
    flag = serializers.ChoiceField(choices=Flag.choices, required=False)
    late = serializers.BooleanField(required=False, default=False, help_text="Past its target.")
    text = serializers.CharField(required=False)
