"""A filled database of 0.1.0 comes to today's state with nothing lost and nothing altered."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.actors import actor_of_user
from accounts.models import ApiToken, AuditEvent, Membership, Organisation, ReadingAgreement, User
from accounts.selectors.audit import chain_names
from accounts.services.audit_chain import first_broken_link
from cases.choices import CaseStatus
from cases.models import Case, Patient, ReportVersion, SmearImage
from cases.record_numbers import key_of
from cases.selectors.cells import cells_of
from cases.services import standing
from cases.services.amending import case_reopen
from cases.services.appending import report_append
from cases.services.pdf.report import render
from cases.services.reading import cells_correct
from cases.services.reports import verify
from cases.services.review import case_claim
from cases.services.signing import case_amend, case_sign
from inference.models import Cell, ModelVersion
from tests.cases.typeset.scripts import pages_of
from tests.conftest import APPEND_ONLY
from tests.permissions import ROUTES
from tests.upgrade.conftest import Upgraded, frozen_tables, rows_now
from tests.world import World

pytestmark = pytest.mark.django_db
SIGNATURE = {"password": "only-for-the-demo", "meaning": "authorship"}
IN_STORAGE = ("image_display", "image_thumbnail", "image_original", "image_dzi", "image_tile",
              "cell_crop")  # fmt: skip
PAGES = sorted(
    name
    for name, row in ROUTES.items()
    if row.method == "get" and row.allowed and not name.endswith(IN_STORAGE)
)


@pytest.fixture(autouse=True)
def _upgraded(upgraded: Upgraded):
    """Before the transaction of each test."""


def person(email: str) -> User:
    return User.objects.get(email__startswith=email)


def test_what_could_never_change_did_not(upgraded: Upgraded):
    after = rows_now()
    assert len(upgraded.before["accounts_auditevent"]) > 100
    for table, rows in upgraded.before.items():
        kept = [{name: row[name] for name in rows[0]} for row in after[table]] if rows else []
        assert kept == rows, table


def test_every_chain_holds_and_every_report_is_what_was_signed(upgraded: Upgraded):
    chains = set(AuditEvent.objects.values_list("chain", flat=True))
    assert {first_broken_link(chain) for chain in chains} == {None}
    call_command("verify_audit", "--json")
    reports = list(ReportVersion.objects.all())
    assert Counter(report.status for report in reports) == {"final": 3, "amended": 1}
    assert [report.pk for report in reports if not verify(report)] == []
    for report in reports:
        assert report.signer_name in pages_of(
            render(report.content, sha256=report.sha256, images={})
        )


def test_tables_that_only_grow_still_refuse_everything_else(upgraded: Upgraded):
    assert set(frozen_tables()) == set(APPEND_ONLY)
    for table, rows in rows_now().items():
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            if rows:
                with pytest.raises(DatabaseError), transaction.atomic():
                    connection.cursor().execute(statement)
        with pytest.raises(DatabaseError), transaction.atomic():
            connection.cursor().execute(f"TRUNCATE {table} CASCADE")


def test_every_case_and_patient_has_what_today_s_lists_ask_for(upgraded: Upgraded):
    assert Case.objects.count() == 13
    assert [one.accession for one in Case.objects.all() if one.accession.lower() not in
            one.search_words] == []  # fmt: skip
    for patient in Patient.objects.all():
        assert patient.search_words
        assert patient.mrn_key.startswith(key_of(patient.mrn))
    assert standing.sweep() > 0
    waiting = Case.objects.filter(status__in=("ready", "in_review"))
    assert waiting.filter(weighed_at=None).count() == 0
    assert waiting.exclude(white_cells=0).exists()
    assert Cell.objects.filter(doubt=None).count() == 0


def test_record_numbers_that_only_look_different_keep_apart_who_had_them(upgraded: Upgraded):
    alike = Patient.objects.filter(mrn__in=("AB 77", "ab-77", "ΑΒ 77"))
    assert alike.count() == 3
    assert len(set(alike.values_list("mrn_key", flat=True))) == 3


def test_people_keep_their_roles_their_second_factor_and_their_tokens(upgraded: Upgraded):
    assert person("late").memberships.get().accepted_at is None
    assert person("sana").memberships.get().accepted_at is not None
    for one in Authenticator.objects.all():
        assert "secret" not in one.data or not one.data["secret"].isalnum()  # sealed
    assert ApiToken.objects.get().answerable is None  # whoever made it was locked out
    assert ReadingAgreement.objects.filter(is_active=False).count() == 1
    assert Client().post(
        reverse("account_login"), {"login": person("mira").email, "password": SIGNATURE["password"]}
    ).status_code == 302  # fmt: skip


def rows_about(case: Case) -> dict:
    image = case.images.first()
    cell = Cell.objects.filter(run=image.run_id).first() if image else None
    found = {"case": case, "patient": case.patient, "image": image, "cell": cell}
    return {name: row for name, row in found.items() if row is not None}


def other_rows() -> dict:
    clinic = Organisation.objects.get(code="RIV")
    return {
        "model": ModelVersion.objects.get(),
        "clinic": clinic,
        "laboratory": Organisation.objects.get(code="CHL"),
        "person": person("sana"),
        "token": ApiToken.objects.get(),
        "agreement": clinic.read_by.get(),
    }


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
def test_every_page_opens(upgraded: Upgraded):
    """Of each case, to a reader and to its clinic; of everything else, to each kind of person."""
    rows, faults, opened = other_rows(), [], Counter()
    everybody = [person(name) for name in ("sana", "asha", "mira", "ada", "lars", "site")]
    for name in PAGES:
        about = ROUTES[name].about
        whole = [rows | rows_about(case) for case in Case.objects.all()]
        worlds = whole if about in ("case", "patient", "image", "cell") else [rows]
        for user in everybody if worlds == [rows] else everybody[:3]:
            client = Client(raise_request_exception=False)
            client.force_login(user)
            for world in worlds:
                if about in world or not about:
                    row = ROUTES[name]
                    address = reverse(
                        name.split("#")[0], kwargs=World(world).arguments(about, row.extra)
                    )
                    status = client.get(address, headers=row.headers).status_code
                    opened[status] += 1
                    if status >= 500:
                        faults.append((status, user.name, address))
    print(opened)
    assert faults == []
