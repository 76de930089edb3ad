"""One version, in pyproject.toml; what is shown and what the changelog says follow it."""

from __future__ import annotations

import re
import subprocess

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cases.services.reports import pdf_of
from tests.cases.reading import signed_case
from tests.cases.typeset.scripts import pages_of

CHANGELOG = settings.ROOT / "CHANGELOG.md"


def test_the_newest_release_in_the_changelog_is_this_version():
    """A heading that still says "unreleased" is of the version to come."""
    headings = re.findall(r"^## (\S+) – (.+)$", CHANGELOG.read_text(), re.MULTILINE)
    released = [version for version, day in headings if day != "unreleased"]
    assert released[0] == settings.VERSION
    assert [version for version, day in headings[1:] if day == "unreleased"] == []


def test_no_other_file_of_the_program_states_the_version():
    stated = ["git", "grep", "-lwF", settings.VERSION, "--"]
    program = [
        "telepath",
        "templates",
        "static",
        "Dockerfile",
        "docker-compose.yml",
        "package.json",
    ]
    found = subprocess.run([*stated, *program], cwd=settings.ROOT, capture_output=True, text=True)
    assert found.stdout == ""


@pytest.mark.django_db
def test_people_and_reports_name_it(cast, client_of):
    report = signed_case(cast).reports.get()
    assert report.content["software"] == f"Telepath {settings.VERSION}"
    assert f"Software Telepath {settings.VERSION}" in pages_of(pdf_of(report))
    client = client_of(cast.submitter)
    assert f"Telepath {settings.VERSION}" in client.get(reverse("cases:case_list")).content.decode()
    assert f"Telepath {settings.VERSION}" not in Client().get("/account/login/").content.decode()
