"""Browsers of all kinds of people, whose faults come back as answers."""

from __future__ import annotations

import pytest
from django.test import Client

PEOPLE = ("submitter", "first_reader", "administrator", "site_administrator")


@pytest.fixture
def browsers(cast, client_of) -> dict[str, Client]:
    """Faults come back as answers with status 500, as outside of tests."""
    made = {person: client_of(getattr(cast, person)) for person in PEOPLE}
    for browser in made.values():
        browser.raise_request_exception = False
    return made
