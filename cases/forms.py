"""Forms: they parse what was typed. What is allowed, the services say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django import forms

from accounts.actors import Actor
from accounts.models import Organisation, User
from accounts.selectors.people import readers_for
from cases import choices
from cases.clinical import MEASURES, NAMES, WORDS, Measure
from cases.models import Case
from cases.selectors.queue import cases_in_hand
from cases.standing import Flag
from telepath.core.forms import ChangeForm, PlainForm

_CHOOSE = ("", "Choose")
"""First of a list where nothing may be true only because nobody looked at it."""
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PatientForm(PlainForm):
    name = forms.CharField(max_length=120)
    mrn = forms.CharField(max_length=40, label="Record number (MRN)")
    birth_date = forms.DateField(widget=_DAY)
    sex = forms.ChoiceField(choices=[_CHOOSE, *choices.Sex.choices])


class PatientChange(ChangeForm, PatientForm):
    """Who a patient is, corrected."""


class NewPatientForm(PatientForm):
    clinic = forms.ModelChoiceField(Organisation.objects.none(), empty_label=None)
    is_another = forms.BooleanField(
        required=False, widget=forms.HiddenInput, label="This is another person"
    )

    field_order = ("clinic", "name", "mrn", "birth_date", "sex", "is_another")

    def __init__(self, data: Any = None, *, actor: Actor) -> None:
        super().__init__(data)
        self.fields["is_another"].initial = False
        clinic = self.fields["clinic"]
        assert isinstance(clinic, forms.ModelChoiceField)
        clinic.queryset = Organisation.objects.filter(pk__in=actor.submits_for).order_by("name")
        if len(actor.submits_for) == 1:  # nothing to choose
            clinic.initial, clinic.widget = min(actor.submits_for), forms.HiddenInput()


class NumberField(forms.DecimalField):
    """A number, written with a point or with a comma."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and "." not in value:
            value = value.strip().replace(",", ".")
        return super().to_python(value)


_DIGITS = ("max_digits", "max_decimal_places", "max_whole_digits")
_AS_NUMBER = (
    "Write a number such as 1250 or 12.5: no separator of thousands, at most two digits after the "
    "point."
)


def _number(measure: Measure) -> NumberField:
    return NumberField(
        required=False,
        label=f"{measure.label} ({measure.unit})",
        max_digits=9,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("invalid", *_DIGITS), _AS_NUMBER),
    )


def _words(name: str) -> forms.CharField:
    label, longest = WORDS[name]
    return forms.CharField(required=False, label=label, max_length=longest)


class CaseForm(PlainForm):
    wbc, haemoglobin, platelets, ldh, blasts_seen = map(_number, MEASURES)
    treatment, sender, sender_telephone = map(_words, WORDS)
    specimen = forms.ChoiceField(choices=[_CHOOSE, *choices.Specimen.choices])
    stain = forms.ChoiceField(choices=[_CHOOSE, *choices.Stain.choices])
    priority = forms.TypedChoiceField(choices=choices.Priority.choices, coerce=int)
    collected_on = forms.DateField(required=False, widget=_DAY, label="Collected on")
    clinical_information = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Age at onset, fever, bleeding, enlarged organs, what else is known.",
    )

    field_order = ("specimen", "stain", "priority", "collected_on", "clinical_information", *NAMES)


class CaseChange(ChangeForm, CaseForm):
    """A case that is still the clinic's, corrected."""


class ReturnForm(PlainForm):
    reason_code = forms.ChoiceField(
        choices=[("", "Choose a reason"), *choices.ReturnReason.choices], label="Reason"
    )
    pictures = forms.TypedMultipleChoiceField(
        required=False,
        coerce=int,
        label="Pictures concerned",
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        required=False,
        label="To the clinic",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the clinic should do so that the case can be read.",
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["pictures"]
        assert isinstance(choice, forms.TypedMultipleChoiceField)
        named = case.images.exclude(status=choices.ImageStatus.REFUSED)
        choice.choices = [
            (position, f"{position}. {filename}")
            for position, filename in named.values_list("position", "filename")
        ]
        if not choice.choices:
            del self.fields["pictures"]


class ReaderField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none when it runs
    """Readers by name, each with the number of cases in her hands."""

    at_work: Mapping[int, int] = MappingProxyType({})

    def label_from_instance(self, reader: User) -> str:
        held = self.at_work.get(reader.pk, 0)
        return f"{reader} · {held or 'no'} open case{'' if held == 1 else 's'}"


class AssignForm(PlainForm):
    reader = ReaderField(User.objects.none(), empty_label="Choose a reader")

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["reader"]
        assert isinstance(choice, ReaderField)
        choice.queryset = readers_for(case.clinic)
        choice.at_work = cases_in_hand(choice.queryset)


class CancelForm(PlainForm):
    reason_code = forms.ChoiceField(
        choices=[("", "Choose a reason"), *choices.CancelReason.choices], label="Reason"
    )
    reason = forms.CharField(
        required=False, label="Remark", widget=forms.Textarea(attrs={"rows": 2})
    )


class SignForm(PlainForm):
    """`comment_required`: where only words can carry the conclusion."""

    conclusion = forms.ChoiceField(choices=choices.Conclusion.choices, widget=forms.RadioSelect)
    comment = forms.CharField(
        required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 5})
    )
    meaning = forms.ChoiceField(
        choices=choices.SignatureMeaning.choices,
        widget=forms.RadioSelect,
        label="My signature means",
    )
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        label="Your password",
    )

    def __init__(self, *args: Any, comment_required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if comment_required:
            self.fields["comment"].required = True
            self.fields["comment"].help_text = "Nothing is counted: say what you conclude from."


class AmendForm(SignForm):
    reason = forms.CharField(
        label="Reason for the amendment",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Printed on the new version. The earlier version stays readable.",
    )

    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)

    field_order = ("reason", "conclusion", "comment", "meaning", "password")


class AddendumForm(PlainForm):
    text = forms.CharField(
        label="Addendum",
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Printed below the report as it stands. Nothing above it changes.",
    )
    meaning = SignForm.base_fields["meaning"]
    password = SignForm.base_fields["password"]
    appends = forms.IntegerField(required=False, widget=forms.HiddenInput)


class PatientSearchForm(forms.Form):
    q = forms.CharField(required=False, label="Name or MRN")


class CaseFilterForm(forms.Form):
    q = forms.CharField(required=False, label="Accession, name or MRN")
    status = forms.ChoiceField(
        required=False, choices=[("", "Any state"), *choices.CaseStatus.choices], label="State"
    )
    mine = forms.BooleanField(required=False, label="My cases")


class QueueFilterForm(forms.Form):
    text = forms.CharField(
        required=False,
        label="Accession, name, MRN or birth date",
        widget=forms.TextInput(
            attrs={"type": "search", "data-key": "/", "data-key-label": "To the search field"}
        ),
    )
    priority = forms.ChoiceField(
        required=False, choices=[("", "Any priority"), *choices.Priority.choices]
    )
    specimen = forms.ChoiceField(
        required=False, choices=[("", "Any specimen"), *choices.Specimen.choices]
    )
    clinic = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, empty_label="Any clinic"
    )
    mine = forms.BooleanField(required=False, label="Mine")
    unassigned = forms.BooleanField(required=False, label="Nobody's")
    flag = forms.ChoiceField(
        required=False, choices=[("", "Any finding"), *Flag.choices], label="Finding"
    )
    late = forms.BooleanField(required=False, label="Late")

    def __init__(self, data: Any = None, *, actor: Actor) -> None:
        super().__init__(data)
        clinic = self.fields["clinic"]
        assert isinstance(clinic, forms.ModelChoiceField)
        clinics = actor.clinics_read | actor.clinics_overseen
        clinic.queryset = Organisation.objects.filter(pk__in=clinics).order_by("name")


class UuidList(forms.Field):
    """Ids of ticked boxes, in the order of the page."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return [UUID(one) for one in value or ()]
        except ValueError as error:
            raise forms.ValidationError("This is no id.") from error


class PicturesForm(forms.Form):
    """Which pictures a report carries."""

    cells = UuidList(required=False)
    field = forms.UUIDField(required=False)
