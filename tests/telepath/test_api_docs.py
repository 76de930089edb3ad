"""The page by which the API is read: all of it, for anybody, without a script."""

from __future__ import annotations

import pytest
from drf_spectacular.generators import SchemaGenerator

from telepath.api.reading import reading_of

pytestmark = pytest.mark.django_db


def test_everything_that_can_be_asked_is_on_the_page(client):
    document = SchemaGenerator().get_schema(request=None, public=True)
    page = client.get("/api/").content.decode()
    for path, methods in document["paths"].items():
        assert page.count(f"<code>{path}</code>") == len(methods)
    for name in document["components"]["schemas"]:
        assert f'id="form-{name}"' in page
    assert "swagger" not in page


def test_what_only_people_may_do_is_said():
    api = reading_of(SchemaGenerator().get_schema(request=None, public=True))
    signing = {one.path: one.by_token for _, some in api.groups for one in some if one.body}
    assert signing["/api/v1/cases/"]
    assert not signing["/api/v1/cases/{id}/signature/"]


def test_fields_say_how_they_are_written_and_what_they_may_be():
    api = reading_of(
        {
            "info": {"title": "One", "version": "1"},
            "paths": {
                "/api/v1/smears/": {
                    "post": {
                        "description": "Send one.",
                        "requestBody": {"content": {"json": {"schema": {"$ref": _SMEAR}}}},
                        "responses": {"201": {"description": "There."}},
                    }
                }
            },
            "components": {"schemas": {"Smear": _FORM}},
        }
    )
    ((name, (operation,)),) = api.groups
    assert (name, operation.method, operation.by_token) == ("Smears", "POST", False)
    stain, cells = operation.body
    assert (stain.kind, stain.choices, stain.required) == ("string", ("giemsa", "wright"), True)
    assert (cells.kind, cells.of, cells.words) == ("list of", "Cell", "All of them.")
    assert (operation.answers[0].status, operation.answers[0].words) == ("201", "There.")


_SMEAR = "#/components/schemas/Smear"
_FORM = {
    "properties": {
        "stain": {"type": "string", "enum": ["giemsa", "wright", ""]},
        "cells": {
            "type": "array",
            "items": {"$ref": "#/components/schemas/Cell"},
            "description": "All of them.",
        },
    },
    "required": ["stain"],
}
