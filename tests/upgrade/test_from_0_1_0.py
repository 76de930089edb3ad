"""A filled database of 0.1.0 comes to today's state with nothing lost and nothing altered."""

from __future__ import annotations

from collections import Counter

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.actors import actor_of_user
from accounts.models import ApiToken, AuditEvent, Organisation, ReadingAgreement, User
from accounts.secrets import unseal
from accounts.services.audit_chain import first_broken_link
from cases.choices import CaseStatus, UploadStatus
from cases.models import Case, Patient, ReportVersion, Upload
from cases.record_numbers import key_of
from cases.search import words_of_case, words_of_patient
from cases.selectors.cells import cells_of
from cases.services import standing
from cases.services.amending import case_reopen
from cases.services.appending import report_append
from cases.services.pdf.report import render
from cases.services.reading import cells_correct
from cases.services.reports import verify
from cases.services.review import case_claim
from cases.services.signing import case_amend, case_sign
from cases.services.uploads import upload_append
from inference.models import Cell, ModelVersion
from inference.selectors import active_model
from inference.services.registry.packages import require_whole
from telepath import upgrades
from tests.cases.typeset.scripts import pages_of
from tests.conftest import APPEND_ONLY
from tests.permissions import ROUTES
from tests.upgrade.conftest import Upgraded, frozen_tables, rows_now
from tests.world import World

pytestmark = pytest.mark.django_db
SIGNATURE = {"password": "only-for-the-demo", "meaning": "authorship"}
EVERYBODY = ("mira", "sana", "ada", "lars", "site")
BYTES = ("display", "thumbnail", "original", "dzi", "tile", "crop", "pdf", "ready")
PAGES = sorted(
    name
    for name, row in ROUTES.items()
    if row.method == "get" and row.allowed and not name.endswith(BYTES)
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
    assert (Case.objects.count(), Patient.objects.count()) == (13, 16)
    for patient in Patient.objects.all():
        known = {"name": patient.name, "mrn": patient.mrn, "birth_date": patient.birth_date}
        assert patient.search_words == words_of_patient(**known)
        assert patient.mrn_key.startswith(key_of(patient.mrn))
    for case in Case.objects.select_related("patient"):
        words = {"accession": case.accession, "patient_words": case.patient.search_words}
        assert case.search_words == words_of_case(**words)
    assert Cell.objects.filter(doubt=None).count() == 0
    assert standing.sweep() == 5
    waiting = Case.objects.filter(status__in=("ready", "in_review"))
    assert waiting.filter(weighed_at=None).count() == 0
    assert waiting.exclude(white_cells=0).exists()


def test_record_numbers_that_only_look_different_keep_apart_who_had_them(upgraded: Upgraded):
    alike = Patient.objects.filter(mrn__in=("AB 77", "ab-77", "ΑΒ 77"))
    assert len(set(alike.values_list("mrn_key", flat=True))) == 3


def test_people_keep_their_roles_and_their_tokens(upgraded: Upgraded):
    assert person("late").memberships.get().accepted_at is None
    assert person("sana").memberships.get().accepted_at is not None
    assert ApiToken.objects.get().answerable is None  # whoever made it was locked out before
    assert ReadingAgreement.objects.filter(is_active=False, ended_at=None).count() == 1


def test_a_second_factor_of_before_opens_the_account_and_lies_sealed(upgraded: Upgraded):
    factor = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    secret = unseal(factor.data["secret"])
    assert secret != factor.data["secret"]
    client = Client()
    known = {"login": factor.user.email, "password": SIGNATURE["password"]}
    assert client.post(reverse("account_login"), known)["Location"].startswith(
        reverse("mfa_authenticate")
    )
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get(reverse("cases:home"), follow=True).status_code == 200


def test_every_page_opens(upgraded: Upgraded):
    """Those of a case, in each state, to its reader and its clinic; all others to everybody."""
    others, faults, opened = about_no_case(), [], Counter()
    of_each_state = Case.objects.filter(clinic__code="RIV").order_by("status").distinct("status")
    worlds = [others | about(case) for case in of_each_state]
    assert len(worlds) == 7
    for name in PAGES:
        row = ROUTES[name]
        asked = worlds if row.about in about(worlds[0]["case"]) else [others]
        for user in map(person, ("mira", "sana") if asked == worlds else EVERYBODY):
            client = Client(raise_request_exception=False)
            client.force_login(user)
            for world in (one for one in asked if not row.about or row.about in one):
                arguments = World(world).arguments(row.about, row.extra)
                address = reverse(name.split("#")[0], kwargs=arguments)
                status = client.get(address, headers=row.headers).status_code
                opened[status] += 1
                if status >= 500:
                    faults.append((status, user.name, address))
    assert faults == []
    assert opened[200] > 300


def about(case: Case) -> dict[str, Model]:
    """What the pages of a case are about, by the words of the permission table."""
    image = case.images.first()
    cell = Cell.objects.filter(run=image.run_id).first() if image else None
    found = {"case": case, "patient": case.patient, "image": image, "cell": cell}
    return {name: row for name, row in found.items() if row}


def about_no_case() -> dict[str, Model]:
    clinic = Organisation.objects.get(code="RIV")
    return {
        "model": ModelVersion.objects.get(),
        "clinic": clinic,
        "laboratory": Organisation.objects.get(code="CHL"),
        "person": person("sana"),
        "token": ApiToken.objects.get(),
        "agreement": clinic.read_by.get(),
    }


def test_the_model_that_was_active_still_judges(upgraded: Upgraded):
    model = active_model()
    assert (model.name, model.version) == ("cells", "1.4.0")
    require_whole(model)  # the package of that edition is still shipped, byte for byte


def test_a_reader_goes_on_where_she_was(upgraded: Upgraded):
    reader = actor_of_user(person("mira"))
    case = Case.objects.get(status=CaseStatus.IN_REVIEW)
    cells = [cell.id for cell in cells_of(case)]
    cells_correct(actor=reader, case=case, cell_ids=cells, cell_class="lymphocyte")
    report = case_sign(actor=reader, case=case, conclusion="indeterminate", **SIGNATURE)
    assert verify(report)
    ready = Case.objects.filter(status=CaseStatus.READY).first()
    assert case_claim(actor=reader, case=ready).status == CaseStatus.IN_REVIEW


def test_a_report_of_before_is_amended_and_added_to(upgraded: Upgraded):
    reader = actor_of_user(person("mira"))
    case = Case.objects.get(status=CaseStatus.SIGNED, clinic__code="RIV")
    addendum = report_append(actor=reader, case=case, text="CD19 positive.", **SIGNATURE)
    case_reopen(actor=reader, case=case)
    said = {"conclusion": "indeterminate", "comment": "Again.", "reason": "A second look."}
    amended = case_amend(actor=reader, case=case, **said, **SIGNATURE)
    assert [verify(one).sentence for one in case.reports.all() if not verify(one)] == []
    assert (addendum.number, amended.number) == (2, 3)
    paper = pages_of(render(amended.content, sha256=amended.sha256, images={}))
    assert "Changed since version 2" in paper
    assert "CD19 positive." in paper


def test_a_file_that_was_on_its_way_arrives(upgraded: Upgraded, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    upload = Upload.objects.get(status=UploadStatus.OPEN)
    assert upload.position is None  # 0.1.0 kept no places
    ((key, size),) = upload.parts
    default_storage.save(key, ContentFile(bytes(size)))
    sender = actor_of_user(person("sana"))
    rest = [bytes(upload.size - size)]
    upload = upload_append(actor=sender, upload=upload, offset=size, stream=rest)
    assert upload.status != UploadStatus.OPEN


def test_the_way_back_is_a_backup_and_not_a_migration(upgraded: Upgraded):
    before = rows_now()
    with pytest.raises(CommandError, match="restore the backup"):
        call_command("migrate", "cases", "0002", verbosity=0)
    assert rows_now() == before


def test_a_program_on_a_database_of_before_says_that_it_is_not_ready(upgraded: Upgraded, client):
    MigrationRecorder.Migration.objects.filter(app="cases").latest("id").delete()
    upgrades._found_current.clear()
    answer = client.get("/healthz/ready")
    assert answer.status_code == 503
    assert answer.json()["database"] == "older than this program: run manage.py migrate"
    assert client.get("/healthz/live").status_code == 200
