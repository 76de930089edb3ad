"""The audit trail: what is written stays, and any change to it is found and named."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction

from accounts.actors import Actor, actor_of_user, system
from accounts.models import SITE_CHAIN, AuditEvent, AuditHead
from accounts.services import audit
from accounts.services.audit_chain import anchors, first_broken_link
from tests import factories

AWKWARD = {
    "float": 0.1,
    "large": 1e17,
    "minus_zero": -0.0,
    "tiny": 1e-12,
    "nan": float("nan"),
    "text": "Ångström \u2028 'quoted' \\ \"double\"",
    "nested": {"z": [1, None, True], "a": {}},
}


@pytest.fixture
def trail(cast) -> list[AuditEvent]:
    """Five events of the clinic."""
    actor = actor_of_user(cast.submitter)
    return [
        audit.record(
            actor=actor,
            action="case.edit",
            chain=cast.clinic.pk,
            obj=cast.clinic,
            after={"n": n},
        )
        for n in range(5)
    ]


def as_owner(sql: str, *values: object) -> None:
    """What somebody with the database's own password could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DISABLE TRIGGER USER")
        cursor.execute(sql, values)
        cursor.execute("ALTER TABLE accounts_auditevent ENABLE TRIGGER USER")


def verify(*args: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_audit", *args, stdout=out)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue()
    return 0, out.getvalue()


def test_an_untouched_trail_holds(cast, trail):
    status, text = verify()
    assert (status, text) == (0, "RIV: 5 entries, every link holds\n")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE accounts_auditevent SET actor_name = 'Somebody else'",
        "DELETE FROM accounts_auditevent",
        "TRUNCATE accounts_auditevent",
    ],
)
def test_the_table_refuses_every_change(sql, trail):
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert AuditEvent.objects.count() == 5


@pytest.mark.parametrize(
    "column", ["actor_name", "action", "object_label", "address", "request_id", "actor_id"]
)
def test_one_altered_value_is_found_and_its_link_named(column, cast, trail):
    as_owner(f"UPDATE accounts_auditevent SET {column} = 'x' WHERE sequence = 3")
    status, text = verify("--organisation", "RIV")
    assert status == 1
    assert "RIV: BROKEN at entry 3: entry 3 was altered" in text


def test_one_altered_byte_of_what_changed_is_found(cast, trail):
    as_owner("UPDATE accounts_auditevent SET after = '{\"n\": 9}' WHERE sequence = 2")
    assert first_broken_link(cast.clinic.pk).sequence == 2


def test_an_altered_time_is_found(cast, trail):
    as_owner("UPDATE accounts_auditevent SET at = at + interval '1 microsecond' WHERE sequence = 4")
    assert first_broken_link(cast.clinic.pk).sequence == 4


def test_a_recomputed_hash_breaks_the_next_link(cast, trail):
    event = trail[1]
    event.actor_name = "Somebody else"
    as_owner(
        "UPDATE accounts_auditevent SET actor_name = %s, hash = %s WHERE sequence = 2",
        event.actor_name,
        audit.link_hash(event),
    )
    broken = first_broken_link(cast.clinic.pk)
    assert (broken.sequence, broken.reason) == (3, "entry 3 does not follow entry 2")


def test_a_missing_entry_is_found(cast, trail):
    as_owner("DELETE FROM accounts_auditevent WHERE sequence = 3")
    broken = first_broken_link(cast.clinic.pk)
    assert (broken.sequence, broken.reason) == (3, "entry 3 is missing")


def test_two_entries_that_changed_places_are_found(cast, trail):
    as_owner(
        "UPDATE accounts_auditevent SET sequence = CASE sequence WHEN 2 THEN 300 ELSE 2 END"
        " WHERE sequence IN (2, 3)"
    )
    as_owner("UPDATE accounts_auditevent SET sequence = 3 WHERE sequence = 300")
    assert first_broken_link(cast.clinic.pk).sequence == 2


def test_an_altered_id_is_found(cast, trail):
    as_owner("UPDATE accounts_auditevent SET id = id + 1000 WHERE sequence = 3")
    assert first_broken_link(cast.clinic.pk).sequence == 3


def test_entries_of_the_format_before_still_hold_and_none_may_follow(cast, trail):
    as_owner("UPDATE accounts_auditevent SET format = 1 WHERE sequence = 2")
    assert "format" in first_broken_link(cast.clinic.pk).reason


def test_a_cut_tail_is_found(cast, trail):
    as_owner("DELETE FROM accounts_auditevent WHERE sequence > 3")
    broken = first_broken_link(cast.clinic.pk)
    assert (broken.sequence, broken.reason) == (4, "the entries from 4 on were removed")


def test_a_remembered_end_that_was_set_back_or_lost_is_found(cast, trail):
    AuditHead.objects.filter(pk=cast.clinic.pk).update(sequence=3, hash=trail[2].hash)
    assert "set back" in first_broken_link(cast.clinic.pk).reason
    AuditHead.objects.all().delete()
    assert first_broken_link(cast.clinic.pk) is not None
    assert verify()[0] == 1


def test_a_whole_chain_that_vanished_is_found_with_a_kept_anchor(cast, trail, tmp_path):
    kept = tmp_path / "anchors.json"
    kept.write_text(verify("--json")[1])
    as_owner("DELETE FROM accounts_auditevent")
    AuditHead.objects.all().delete()
    assert verify()[0] == 0
    status, text = verify("--against", str(kept))
    assert status == 1
    assert "not the entry that the anchor remembers" in text


def test_a_rewritten_chain_is_found_with_a_kept_anchor(cast, trail, tmp_path):
    kept = tmp_path / "anchors.json"
    kept.write_text(verify("--json")[1])
    as_owner("DELETE FROM accounts_auditevent")
    AuditHead.objects.all().delete()
    for n in range(6):
        audit.record(actor=system("forger"), action="x", chain=cast.clinic.pk, after={"n": n})
    assert verify()[0] == 0
    assert verify("--against", str(kept))[0] == 1


def test_a_chain_that_grew_still_fits_its_anchor(cast, trail, tmp_path):
    kept = tmp_path / "anchors.json"
    kept.write_text(verify("--json")[1])
    audit.record(actor=system("later"), action="x", chain=cast.clinic.pk)
    assert verify("--against", str(kept))[0] == 0


def test_json_names_the_broken_link_for_a_program(cast, trail):
    as_owner("UPDATE accounts_auditevent SET action = 'x' WHERE sequence = 5")
    status, text = verify("--json")
    line = json.loads(text)
    assert status == 1
    assert (line["organisation"], line["ok"], line["broken_at"]) == ("RIV", False, 5)


def test_an_unknown_organisation_or_file_is_a_sentence(trail, tmp_path):
    with pytest.raises(CommandError, match="no organisation with the code NOPE"):
        call_command("verify_audit", "--organisation", "NOPE")
    (tmp_path / "odd.json").write_text("not json")
    with pytest.raises(CommandError, match="no anchor, and no kept output"):
        call_command("verify_audit", "--against", str(tmp_path / "odd.json"))


def test_any_json_value_gives_the_same_hash_when_read_back(cast):
    audit.record(
        actor=system("test"),
        action="x",
        chain=cast.clinic.pk,
        before=AWKWARD,
        after={"id": cast.clinic.pk},
    )
    assert first_broken_link(cast.clinic.pk) is None


def test_each_organisation_has_its_own_chain(cast, trail):
    audit.record(actor=system("test"), action="x", chain=cast.other_clinic.pk)
    audit.record(actor=system("test"), action="x", chain=None)
    ends = {end.chain: end.sequence for end in anchors()}
    assert ends == {SITE_CHAIN: 1, cast.clinic.pk: 5, cast.other_clinic.pk: 1}


def test_an_event_is_kept_or_lost_with_what_it_describes(cast):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(actor=system("test"), action="x", chain=cast.clinic.pk)
        raise ZeroDivisionError
    assert not AuditEvent.objects.exists()
    assert first_broken_link(cast.clinic.pk) is None


def test_names_are_frozen_as_they_were(cast):
    case = factories.CaseFactory(patient__clinic=cast.clinic, accession="RIV-2026-000001")
    actor = actor_of_user(cast.submitter)
    event = audit.record(actor=actor, action="case.edit", chain=cast.clinic.pk, obj=case)
    cast.submitter.name = "Renamed"
    cast.submitter.save()
    event.refresh_from_db()
    assert (event.actor_name, event.object_label) == ("Nurse Sana Ito", "RIV-2026-000001")


def test_many_writers_of_one_chain_leave_no_gap(cast, at_the_same_time):
    actor = Actor(kind="user", id="1", name="One of many")

    def write() -> None:
        for _ in range(5):
            audit.record(actor=actor, action="x", chain=cast.clinic.pk)

    assert at_the_same_time(*[write] * 6) == [None] * 6
    assert first_broken_link(cast.clinic.pk) is None
    sequences = AuditEvent.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, 31))


def test_writers_of_the_same_chains_in_any_order_do_not_block_each_other(cast, at_the_same_time):
    there = [cast.clinic.pk, cast.laboratory.pk, SITE_CHAIN]

    def write(chains: list) -> None:
        for _ in range(10):
            audit.record_in_each(chains=chains, actor=system("test"), action="x")

    outcomes = at_the_same_time(lambda: write(there), lambda: write(there[::-1]))
    assert outcomes == [None, None]
    assert AuditEvent.objects.count() == 60


def test_verifying_beside_a_writer_raises_no_false_alarm(cast, at_the_same_time):
    def write() -> None:
        for _ in range(40):
            audit.record(actor=system("test"), action="x", chain=cast.clinic.pk)

    def check() -> list:
        return [first_broken_link(cast.clinic.pk) for _ in range(15)]

    assert at_the_same_time(write, check)[1] == [None] * 15


def test_one_look_is_one_event(cast):
    case = factories.CaseFactory(patient__clinic=cast.clinic)
    actor = actor_of_user(cast.submitter, address="10.0.0.1")
    looks = [audit.record_view(actor=actor, obj=case, chain=cast.clinic.pk) for _ in range(3)]
    assert looks[0] is not None
    assert looks[1:] == [None, None]
    assert AuditEvent.objects.get().action == "case.view"


def test_another_person_address_or_time_is_another_look(cast, monkeypatch):
    case = factories.CaseFactory(patient__clinic=cast.clinic)

    def look(user, address: str) -> object:
        actor = actor_of_user(user, address=address)
        return audit.record_view(actor=actor, obj=case, chain=cast.clinic.pk)

    assert look(cast.submitter, "10.0.0.1")
    assert look(cast.colleague, "10.0.0.1")
    assert look(cast.submitter, "10.0.0.2")
    monkeypatch.setattr(audit, "ONE_LOOK", audit.ONE_LOOK * 0)
    assert look(cast.submitter, "10.0.0.1")
