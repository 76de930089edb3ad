"""What people type. Rules of the domain are in the services; here is only shape."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet

from accounts.choices import ROLES_BY_KIND, OrganisationKind, Role, TokenScope
from accounts.models import Organisation
from accounts.selectors.audit import AuditFilters
from telepath.core.forms import PlainForm

_SENSIBLE = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]


class DateInput(forms.DateInput):
    input_type = "date"


class RoleForm(PlainForm):
    """One more role for a person: only those that one of the organisations offered can give."""

    organisation = forms.ModelChoiceField(Organisation.objects.none())
    role = forms.ChoiceField(choices=Role.choices)

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self, "organisation", organisations)
        possible = [ROLES_BY_KIND[OrganisationKind(one.kind)] for one in organisations]
        roles = self.fields["role"]
        assert isinstance(roles, forms.ChoiceField)
        offered = [one for one in Role.choices if any(one[0] in held for held in possible)]
        roles.choices = [("", "Choose"), *offered]


class InviteForm(RoleForm):
    """Somebody who shall work here."""

    field_order = ("email", "name", "organisation", "role")
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(max_length=120, label="Name", help_text="With title, as on reports.")


class AcceptForm(PlainForm):
    """The first password. Both are compared here; its strength is judged by the service."""

    name = forms.CharField(max_length=120, help_text="With title, as on reports.")
    password = forms.CharField(
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters.",
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError("The two passwords differ. Type both again.")
        return again


class NameForm(PlainForm):
    """One's own name and qualification."""

    name = forms.CharField(max_length=120, help_text="With title, as on reports.")
    qualification = forms.CharField(
        max_length=120,
        required=False,
        help_text="Printed below your name, for example: Consultant haematopathologist, MMC 12345.",
    )


class OrganisationForm(PlainForm):
    """What may change of an organisation."""

    name = forms.CharField(max_length=120)
    time_zone = forms.CharField(
        max_length=40, widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"})
    )


class LetterheadForm(PlainForm):
    """The head of a laboratory's reports."""

    address = forms.CharField(
        max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    telephone = forms.CharField(max_length=60, required=False)
    email = forms.CharField(max_length=254, required=False, label="E-mail")
    logo = forms.FileField(
        required=False,
        help_text="PNG or JPEG, at most 1 MB. Printed 16 mm high.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
    )
    remove_logo = forms.BooleanField(required=False, label="Take the logo away")


class NewOrganisationForm(OrganisationForm):
    """A new one; code and kind stay for ever."""

    field_order = ("name", "code", "kind", "time_zone")
    code = forms.CharField(
        max_length=8, help_text="Begins each accession number. It never changes."
    )
    kind = forms.ChoiceField(choices=OrganisationKind.choices)


class AgreementForm(PlainForm):
    """Who shall read."""

    laboratory = forms.ModelChoiceField(Organisation.objects.none())

    def __init__(self, *args: Any, laboratories: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self, "laboratory", laboratories)


class TokenForm(PlainForm):
    """A new token."""

    organisation = forms.ModelChoiceField(Organisation.objects.none(), label="Clinic")
    name = forms.CharField(max_length=80, help_text="What will use it, for example the scanner.")
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=TokenScope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text="No token can sign.",
    )
    days = forms.IntegerField(label="Days it lives", min_value=1, max_value=366, initial=90)

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self, "organisation", organisations)

    def clean(self) -> dict[str, Any]:
        """What the service wants: a length of time."""
        cleaned = super().clean() or self.cleaned_data
        if "days" in cleaned:
            cleaned["lifetime"] = timedelta(days=cleaned.pop("days"))
        return cleaned


class AuditFilterForm(forms.Form):
    """What to look for in the log."""

    person = forms.CharField(required=False, max_length=120)
    action = forms.CharField(
        required=False, max_length=60, widget=forms.TextInput(attrs={"list": "actions"})
    )
    obj = forms.CharField(required=False, max_length=120, label="Case, patient or other object")
    since = forms.DateField(required=False, widget=DateInput, label="From", validators=_SENSIBLE)
    until = forms.DateField(required=False, widget=DateInput, label="To", validators=_SENSIBLE)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(), required=False, empty_label="All"
    )

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose_among(self, "organisation", organisations)

    def filters(self) -> AuditFilters:
        """What is valid of it. A field with an error does not narrow the search, but says so."""
        self.is_valid()
        wanted = {**self.cleaned_data}
        organisation = wanted.pop("organisation", None)
        return AuditFilters(**wanted, organisation=organisation.pk if organisation else None)


def choose_among(form: forms.Form, name: str, organisations: QuerySet[Organisation]) -> None:
    """Offer `organisations` in a field; the only one is chosen already."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = organisations
    if field.required and len(organisations) == 1:
        field.initial = organisations[0].pk
        field.empty_label = None
