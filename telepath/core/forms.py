"""What every form of every app has in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder

MISSING, CHOOSE = "Please fill this in.", "Please choose one."
TOO_LONG = (
    "This has %(show_value)d characters, and at most %(limit_value)d fit. Nothing was cut off: "
    "shorten it."
)


class PlainForm(forms.Form):
    """A form that asks in plain words for what is missing, and cuts off nothing.

    With `maxlength` a browser shortens what is pasted without a word: a record number would be
    another child's, a comment would lose its end.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)
            field.error_messages["max_length"] = TOO_LONG
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                is_choice = isinstance(field.widget, forms.RadioSelect)
                field.error_messages["required"] = CHOOSE if is_choice else MISSING

    def taken_up(self, typed: Mapping[str, str]) -> Mapping[str, str]:
        """What of a kept draft goes into this form again."""
        return typed


class ChangeForm(PlainForm):
    """A form that changes a row which other people change too.

    It carries what its fields showed at first, so that a service can tell what this person changed
    from what somebody else has changed meanwhile.
    """

    began = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-kept": ""}))

    @classmethod
    def of(cls, row: Any, data: Any = None) -> Self:
        """A form that changes `row`."""
        now = {name: getattr(row, name) for name in cls.base_fields if name != "began"}
        return cls(data, initial={**now, "began": _text_of(now)})

    def clean_began(self) -> dict[str, Any]:
        """The values by field; a field whose first value cannot be read is left out."""
        return self._read(self.cleaned_data["began"])

    def _read(self, text: str) -> dict[str, Any]:
        try:
            shown = json.loads(text or "{}")
        except (ValueError, RecursionError):
            return {}
        values = {}
        for name, value in shown.items() if isinstance(shown, dict) else ():
            with suppress(ValidationError, KeyError):
                values[name] = self.fields[name].clean(None if value is None else str(value))
        return values

    def begin_again(self, now: Mapping[str, Any]) -> None:
        """Somebody else was faster: show that one's values where nothing was typed."""
        began = self.cleaned_data["began"]
        untouched = {
            name: _typed(value)
            for name, value in now.items()
            if name in began and self.cleaned_data.get(name) == began[name]
        }
        sent = {name: self.data[name] for name in self.data}  # `**` would take lists of a QueryDict
        self.data = {**sent, **untouched, "began": _text_of(now)}

    def taken_up(self, typed: Mapping[str, str]) -> Mapping[str, str]:
        """A draft brings back what was typed, and never an older value of another field."""
        began = self._read(typed.get("began", ""))
        return {
            name: text
            for name, text in typed.items()
            if name not in began or text != _typed(began[name])
        }


def _text_of(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), cls=DjangoJSONEncoder)


def _typed(value: Any) -> str:
    """A value as a browser sends it."""
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
