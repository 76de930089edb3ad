"""Very many patients, cases and reports, made inside the database, for whoever measures lists.

Each is a copy of one row that the models made, with other names, numbers, states and times: so a
column that comes later is filled as well. The same number gives the same row on every machine.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import connection
from django.db.models import Model
from django.utils import timezone

from accounts.choices import OrganisationKind, Role
from accounts.models import Membership, Organisation, ReadingAgreement, User
from cases.choices import CaseStatus
from cases.models import Case, Patient, ReportVersion
from cases.search import words_of_case, words_of_patient

CLINICS = 20
SMALL_CLINIC = 500
"""Every so many-th case is of one clinic that has few."""
MOST_OPEN = 20_000
OPEN_SHARE = 50
"""One case in so many waits for a reader, up to that."""
PASSWORD = "measured-and-gone"

_FIRST = """(ARRAY['Mar','An','Jo','Li','Ka','So','El','Fa','Om','Ta','Ni','Yu'])[1 + i %% 12]
    || (ARRAY['ia','na','hn','sa','rim','fie','ena','tima','ar','riq'])[1 + (i / 12) %% 10]"""
_LAST = """(ARRAY['Okon','Lukas','Mul','Ber','Gar','Has','Ivan','Sat','Wil','Nov'])[1 + i / 7 %% 10]
    || (ARRAY['kwo','ik','ler','ger','cia','san','ov','o','son','ak'])[1 + i / 70 %% 10]
    || (ARRAY['','a','e','i','man','wa'])[1 + i / 700 %% 6]"""
_ID = """(lpad(to_hex(1700000000000 + i), 12, '0') || '70008000' || lpad(to_hex(i), 12, '0'))"""
_PATIENT = f"""
    jsonb_build_object(
        'id', {_ID}::uuid, 'name', first || ' ' || last, 'mrn', 'MRN-' || number,
        'mrn_key', 'mrn-' || number,
        'birth_date', born, 'clinic_id', clinic,
        'search_words', lower(first) || ' ' || lower(last) || ' mrn ' || number || ' ' || i
            || ' ' || to_char(born, 'YYYYMMDD')
    )
"""
_CASE = f"""
    jsonb_build_object(
        'id', {_ID}::uuid, 'patient_id', {_ID}::uuid, 'accession', 'RIV-2026-' || number,
        'clinic_id', clinic, 'status', status, 'created_at', at, 'submitted_at', at,
        'signed_at', CASE WHEN status = 'signed' THEN at + interval '9 hours' END,
        'priority', CASE WHEN i %% 11 = 0 THEN 2 WHEN i %% 5 = 0 THEN 1 ELSE 0 END,
        'assignee_id',
            CASE WHEN status = 'in_review' THEN (%(readers)s::int[])[1 + i / 100 %% 2] END,
        'white_cells', 40 + i %% 200, 'blasts', i %% 23, 'concern', i %% 101, 'weighed_at', at,
        'suggested', (ARRAY['Benign', 'unsure', 'Pre'])[1 + i %% 3],
        'flags', CASE WHEN i %% 3 = 1 THEN ARRAY['unsure'] ELSE ARRAY['blasts'] END,
        'search_words', lower(first) || ' ' || lower(last) || ' mrn ' || number || ' ' || i
            || ' ' || to_char(born, 'YYYYMMDD')
            || ' riv 2026'
    )
"""
_REPORT = f"""jsonb_build_object('id', {_ID}::uuid, 'case_id', {_ID}::uuid, 'signed_at', at)"""
_ROWS = f"""
    SELECT *, CASE
        WHEN i > %(end)s - %(open)s THEN CASE WHEN i %% 100 = 0 THEN 'in_review' ELSE 'ready' END
        WHEN i %% 500 = 0 THEN 'returned' WHEN i %% 700 = 0 THEN 'cancelled' ELSE 'signed' END
        AS status
    FROM (
        SELECT i, {_FIRST} AS first, {_LAST} AS last, lpad(i::text, 7, '0') AS number,
            date '2008-01-01' + (i * 37 %% 6200)::int AS born,
            now() - make_interval(mins => (2000000 - i)::int) AS at,
            (%(clinics)s::uuid[])[CASE WHEN i %% {SMALL_CLINIC} = 1 THEN {CLINICS}
                ELSE 1 + i %% {CLINICS - 1} END] AS clinic
        FROM generate_series(%(begin)s::bigint, %(end)s::bigint) AS i
    ) AS plain
"""
_COPY = """
    INSERT INTO {table} ({columns}) SELECT {copied} FROM ({rows}) AS wanted,
    LATERAL jsonb_populate_record(NULL::{table}, %(model)s::jsonb || {values}) AS copy
    {where}
"""


@dataclass(frozen=True, slots=True)
class World:
    """Who looks at the lists, and what the rows are copied from."""

    reader: User
    submitter: User
    small: User
    clinics: tuple[str, ...]
    readers: tuple[int, ...]
    models: Mapping[type[Model], str]


def world() -> World:
    """One laboratory that reads for all clinics, readers, people of a large and a small clinic."""
    make = Organisation.objects.create
    clinics = [make(name=f"Clinic {n}", code=f"C{n}") for n in range(CLINICS)]
    laboratory = make(name="Laboratory", code="LAB", kind=OrganisationKind.LABORATORY)
    for clinic in clinics:
        ReadingAgreement.objects.create(laboratory=laboratory, clinic=clinic)
    reader, other = (_person(laboratory, Role.PATHOLOGIST) for _ in range(2))
    return World(
        reader=reader,
        submitter=_person(clinics[0], Role.SUBMITTER),
        small=_person(clinics[-1], Role.SUBMITTER),
        clinics=tuple(str(clinic.pk) for clinic in clinics),
        readers=(reader.pk, other.pk),
        models=_models(clinics[0], reader),
    )


def grow(made: World, begin: int, end: int) -> None:
    """Cases number `begin` to `end`; those that waited before are signed, the newest wait now."""
    Case.objects.exclude(status=CaseStatus.DRAFT).update(
        status=CaseStatus.SIGNED, assignee=None, signed_at=timezone.now()
    )
    given = {
        "begin": begin,
        "end": end,
        "open": open_of(end),
        "clinics": list(made.clinics),
        "readers": list(made.readers),
    }
    with without_word_indexes():
        _copy(made, Patient, _PATIENT, given)
        _copy(made, Case, _CASE, given)
        _copy(made, ReportVersion, _REPORT, given, where="WHERE wanted.status = 'signed'")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def open_of(cases: int) -> int:
    """How many of so many cases wait."""
    return min(MOST_OPEN, cases // OPEN_SHARE)


class without_word_indexes:
    """They are built at once, after the rows are there: minutes faster than row by row."""

    def __enter__(self) -> None:
        with connection.schema_editor() as editor:
            for model, index in self._indexes():
                editor.remove_index(model, index)

    def __exit__(self, *fault: object) -> None:
        with connection.schema_editor() as editor:
            for model, index in self._indexes():
                editor.add_index(model, index)

    def _indexes(self) -> list[tuple[type[Model], GinIndex]]:
        pairs = [(model, index) for model in (Patient, Case) for index in model._meta.indexes]
        return [(model, index) for model, index in pairs if isinstance(index, GinIndex)]


def _copy(
    made: World, model: type[Model], values: str, given: Mapping[str, Any], where: str = ""
) -> None:
    fields = model._meta.local_concrete_fields
    columns = [f'"{field.column}"' for field in fields if not field.generated]
    table = model._meta.db_table
    sql = _COPY.format(
        table=table,
        columns=", ".join(columns),
        copied=", ".join(f"copy.{column}" for column in columns),
        rows=_ROWS,
        values=values,
        where=where,
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, {**given, "model": made.models[model]})


def _person(organisation: Organisation, role: Role) -> User:
    number = User.objects.count()
    user = User.objects.create_user(
        email=f"measured-{number}@example.org", password=PASSWORD, name=f"Dr. Measured {number}"
    )
    Membership.objects.create(
        user=user, organisation=organisation, role=role, accepted_at=timezone.now()
    )
    return user


def _models(clinic: Organisation, signer: User) -> dict[type[Model], str]:
    """One row of each kind, as JSON. They stay, as a draft that nobody sent."""
    born = datetime.date(2019, 5, 4)
    words = words_of_patient(name="Model", mrn="M", birth_date=born)
    patient = Patient.objects.create(
        clinic=clinic,
        mrn="M",
        mrn_key="m",
        name="Model",
        sex="female",
        birth_date=born,
        search_words=words,
    )
    case = Case.objects.create(
        clinic=clinic,
        patient=patient,
        accession="M-0",
        specimen="peripheral_blood",
        stain="giemsa",
        clinical_information="Fever and pallor for two weeks.",
        search_words=words_of_case(accession="M-0", patient_words=words),
        fields_analysed=5,
    )
    report = ReportVersion.objects.create(
        case=case,
        number=1,
        status="final",
        conclusion="no_blasts",
        document="{}",
        sha256="0" * 64,
        signed_by=signer,
        signer_name=str(signer),
        meaning="authorship",
        signed_at=timezone.now(),
    )
    return {type(row): _as_json(row) for row in (patient, case, report)}


def _as_json(row: Model) -> str:
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} AS t WHERE id = %s", [row.pk])
        return str(cursor.fetchone()[0])
