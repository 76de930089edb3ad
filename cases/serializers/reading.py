"""How cells, counts and suggestions look to a program."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from cases.models import CellCorrection
from cases.selectors.differential import Differential, Row
from cases.selectors.evidence import Evidence, Reference
from cases.selectors.suggestion import Suggestion
from inference.choices import CellClass


class CellSerializer(serializers.Serializer[Any]):
    """A cell: what the model suggested, and beside it what a reader said."""

    id = serializers.UUIDField()
    image = serializers.UUIDField(source="image_id")
    position = serializers.IntegerField(help_text="Of the image in its case.")
    number = serializers.IntegerField(help_text="In the image's mask.")
    bbox = serializers.ListField(
        child=serializers.IntegerField(), help_text="x, y, width, height in pixels."
    )
    origin = serializers.ChoiceField(choices=["model", "human"], help_text="Who drew it.")
    is_cut = serializers.BooleanField(help_text="By the border: counted once a human calls it.")
    is_removed = serializers.BooleanField(help_text="Taken away by a reader: not counted.")
    is_counted = serializers.BooleanField()
    doubt = serializers.FloatField(help_text="Of what the model calls it, 0 to 1.")
    suggested = serializers.ChoiceField(choices=CellClass.choices, allow_null=True)
    suggested_label = serializers.CharField(help_text="The model's own class, or 'unsure'.")
    probabilities = serializers.DictField(child=serializers.FloatField())
    prediction_set = serializers.ListField(child=serializers.CharField())
    weight = serializers.FloatField(help_text="Share in the field's decision, 0 to 1.")
    corrected = serializers.ChoiceField(choices=CellClass.choices, allow_null=True)
    corrected_by = serializers.CharField()
    corrected_at = serializers.DateTimeField(allow_null=True)
    effective = serializers.ChoiceField(choices=CellClass.choices, help_text="What is counted.")


class CorrectSerializer(serializers.Serializer[CellCorrection]):
    cells = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=5000)
    cell_class = serializers.ChoiceField(
        choices=CellClass.choices, allow_blank=True, help_text="Empty: back to what was suggested."
    )


class CorrectionSerializer(serializers.ModelSerializer[CellCorrection]):
    class Meta:
        model = CellCorrection
        fields = ["cell_id", "cell_class", "reader_name", "at"]


class RowSerializer(serializers.Serializer[Row]):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not DRF's label
    count = serializers.IntegerField()
    percent = serializers.CharField(help_text="Of the white cells; empty when not counted.")


class DifferentialSerializer(serializers.Serializer[Differential]):
    total = serializers.IntegerField(help_text="White cells counted.")
    rows = RowSerializer(many=True)
    excluded = RowSerializer(many=True)
    blasts = serializers.IntegerField()
    blast_percent = serializers.CharField()
    interval = serializers.ListField(
        child=serializers.CharField(), allow_null=True, help_text="95 %, Clopper and Pearson."
    )
    sentence = serializers.CharField()
    unidentified = serializers.IntegerField(help_text="White cells without a class.")
    open_interval = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="95 %, whatever the unidentified cells are; null where there are none.",
    )
    open_sentence = serializers.CharField()
    few = serializers.CharField(help_text="What to do about a count that decides nothing yet.")
    more_cells = serializers.IntegerField(help_text="White cells that the count lacks.")
    more_fields = serializers.IntegerField(allow_null=True, help_text="Fields with them.")
    unidentified_unreviewed = serializers.IntegerField()
    red_cells = serializers.CharField(help_text="Nucleated red cells per 100 white cells.")
    beside = serializers.CharField(help_text="What is left out of the count.")
    by_tally = serializers.BooleanField(help_text="Counted by keys, not by the cells listed.")


class BothCountsSerializer(serializers.Serializer[dict[str, Differential]]):
    """The count as readers left it, and as the model alone would have it."""

    reported = DifferentialSerializer()
    suggested = DifferentialSerializer()


class SuggestionSerializer(serializers.Serializer[Suggestion]):
    """What the model suggests for the case, from its fields. The human signs."""

    label = serializers.CharField(  # type: ignore[assignment]  # a field, not DRF's label
        allow_null=True, help_text="The most probable class."
    )
    decision = serializers.CharField(help_text="A class, 'unsure' or 'insufficient'.")
    probabilities = serializers.DictField(child=serializers.FloatField())
    prediction_set = serializers.ListField(child=serializers.CharField())
    fields_used = serializers.IntegerField(source="fields")
    left_out = serializers.IntegerField(help_text="Analysed fields that it does not rest on.")
    reasons = serializers.ListField(
        child=serializers.CharField(), help_text="Why fields have no vote, each reason once."
    )
    agreement = serializers.CharField(help_text="How far the fields agree, in words.")


class MeasureSerializer(serializers.Serializer[dict[str, Any]]):
    value = serializers.FloatField()
    unit = serializers.CharField(help_text="px, px2, um, um2, bit, or 1 for a ratio or a count.")


class ReferenceSerializer(serializers.Serializer[Reference]):
    cell_class = serializers.CharField()
    reference = serializers.CharField()
    similarity = serializers.FloatField(help_text="Cosine, -1 to 1.")


class EvidenceSerializer(serializers.Serializer[Evidence]):
    """Why the model called a cell what it did. Empty parts: the model gave none."""

    id = serializers.UUIDField()
    number = serializers.IntegerField(help_text="In the image's mask.")
    position = serializers.IntegerField(help_text="Of the image in its case.")
    suggested_label = serializers.CharField()
    weight = serializers.FloatField(help_text="Share in the field's decision, 0 to 1.")
    probabilities = serializers.DictField(child=serializers.FloatField())
    prediction_set = serializers.ListField(child=serializers.CharField())
    types = serializers.DictField(child=serializers.FloatField())
    map = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        help_text="Rows of 0 to 255: where in the cell the evidence for map_class lies.",
    )
    map_class = serializers.CharField()
    map_scale = serializers.FloatField(help_text="Side of the map in sides of the cell's crop.")
    nearest = ReferenceSerializer(many=True)
    morphology = serializers.DictField(child=MeasureSerializer())
    in_words = serializers.CharField(help_text="Beside the whole cells of its picture.")
    drawn_by = serializers.CharField(help_text="The reader who drew it; empty for the model's.")
