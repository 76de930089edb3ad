"""The OpenAPI document as a person reads it: what can be asked, with what, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

Json = Mapping[str, Any]

_VERSION = "/api/v1/"
_REFERENCE = "#/components/schemas/"
PROBLEM = "Problem"


@dataclass(frozen=True, slots=True)
class Value:
    """One field or parameter. of: the name of the form that it holds, "" for a plain value."""

    name: str
    kind: str
    of: str = ""
    where: str = ""
    required: bool = False
    words: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What may come back. form: the name of its form, "" where it has none."""

    status: str
    kind: str
    form: str
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. by_token: whether a machine client may.

    problems: the answers that say why not, all of one form; answers: the others.
    """

    method: str
    path: str
    words: str
    by_token: bool
    given: list[Value]
    body: list[Value]
    answers: list[Answer]
    problems: list[Answer]


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of object, by the name under which operations speak of it."""

    name: str
    words: str
    values: list[Value]


@dataclass(frozen=True, slots=True)
class Reading:
    """The whole document. groups: what is spoken of, and what can be asked about it."""

    title: str
    version: str
    words: str
    groups: list[tuple[str, list[Operation]]]
    forms: list[Form]


def reading_of(document: Json) -> Reading:
    """Take an OpenAPI 3 document apart."""
    forms = document.get("components", {}).get("schemas", {})
    operations = [
        _operation(method.upper(), path, said, forms)
        for path, methods in document["paths"].items()
        for method, said in methods.items()
    ]
    grouped = groupby(operations, key=lambda one: one.path.removeprefix(_VERSION).split("/")[0])
    info = document["info"]
    return Reading(
        info["title"],
        info["version"],
        info.get("description", ""),
        [(name.capitalize(), list(members)) for name, members in grouped],
        [Form(name, form.get("description", ""), _fields(form)) for name, form in forms.items()],
    )


def _operation(method: str, path: str, said: Json, forms: Json) -> Operation:
    answers = [_answer(status, one) for status, one in said["responses"].items()]
    return Operation(
        method,
        path,
        said.get("description") or said.get("summary", ""),
        any("token" in way for way in said.get("security", ())),
        [
            _value(one["name"], one["schema"], one.get("required", False), one)
            for one in said.get("parameters", ())
        ],
        list(_body(said.get("requestBody", {}), forms)),
        [one for one in answers if one.form != PROBLEM],
        [one for one in answers if one.form == PROBLEM],
    )


def _body(request: Json, forms: Json) -> Iterator[Value]:
    """The fields that are sent: the same in each encoding, so the first one is told."""
    for content in list(request.get("content", {}).values())[:1]:
        kind, name = _kind(content["schema"])
        fields = _fields(forms[name]) if name else []
        yield from fields or [Value("the body", kind)]


def _fields(form: Json) -> list[Value]:
    needed = form.get("required", ())
    return [
        _value(name, schema, name in needed, schema)
        for name, schema in form.get("properties", {}).items()
    ] or [_value("one of", form, False, {})]


def _value(name: str, schema: Json, required: bool, said: Json) -> Value:
    kind, form = _kind(schema)
    choices = tuple(str(one) for one in schema.get("enum", ()) if one not in (None, ""))
    words = said.get("description", "")
    return Value(name, kind, form, said.get("in", ""), required, words, choices)


def _answer(status: str, said: Json) -> Answer:
    content: Json = next(iter(said.get("content", {}).values()), {})
    kind, form = _kind(content["schema"]) if "schema" in content else ("", "")
    return Answer(status, kind, form, said.get("description", ""))


def _kind(schema: Json) -> tuple[str, str]:
    """How a value is written, and the name of the form inside it."""
    if "$ref" in schema:
        return "", schema["$ref"].removeprefix(_REFERENCE)
    for several in ("oneOf", "allOf", "anyOf"):
        if several in schema:
            return _kind(schema[several][0])
    if schema.get("type") == "array":
        kind, form = _kind(schema["items"])
        return f"list of {kind}".strip() if kind else "list of", form
    named = schema.get("type", "anything")
    kind = " or ".join(named) if isinstance(named, list) else named
    return (f"{kind}, {schema['format']}" if "format" in schema else kind), ""
