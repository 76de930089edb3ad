"""Anchors: what the database alone cannot prove, and nobody with the database alone can forge."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.management.base import CommandError
from django.utils import timezone

from accounts.actors import actor_of_user, system
from accounts.models import AuditEvent, AuditHead, AuditProof
from accounts.services import audit
from accounts.services.anchors import Forged, anchor_take, read_anchor
from accounts.services.audit_proof import proof_ask, proof_make
from telepath.core import storage
from telepath.core.errors import RetryLater
from tests.accounts.test_audit_chain import as_owner, verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def anchored(cast):
    """A clinic with five events, all before the anchor of today. Returns its key in the store."""
    actor = actor_of_user(cast.submitter)
    for n in range(5):
        audit.record(actor=actor, action="case.edit", chain=cast.clinic.pk, after={"n": n})
    return anchor_take()


def rewrite(chain, events: int) -> None:
    """What the owner of the database can do: another history, with all its hashes."""
    as_owner("DELETE FROM accounts_auditevent")
    AuditHead.objects.all().delete()
    for n in range(events):
        audit.record(actor=system("forger"), action="x", chain=chain, after={"n": n})


def test_an_untouched_log_fits_its_anchors(anchored):
    assert verify()[0] == 0


def test_a_chain_rewritten_whole_is_found_without_a_file(cast, anchored):
    rewrite(cast.clinic.pk, 6)
    status, text = verify()
    assert status == 1
    assert "not the entry that the anchor remembers" in text


def test_a_tail_cut_with_the_head_set_back_is_found(cast, anchored):
    third = AuditEvent.objects.get(chain=cast.clinic.pk, sequence=3)
    as_owner("DELETE FROM accounts_auditevent WHERE sequence > 3")
    AuditHead.objects.filter(pk=cast.clinic.pk).update(sequence=3, hash=third.hash)
    assert verify()[0] == 1


def test_an_emptied_table_is_found(anchored):
    as_owner("TRUNCATE accounts_auditevent")
    AuditHead.objects.all().delete()
    assert verify()[0] == 1


def test_a_mailed_anchor_finds_it_too_when_the_store_was_emptied(cast, anchored, tmp_path):
    (tmp_path / "mail.txt").write_text(mail.outbox[0].body)
    storage.delete_keys([anchored])
    rewrite(cast.clinic.pk, 6)
    assert verify()[0] == 0
    assert verify("--against", str(tmp_path / "mail.txt"))[0] == 1


def test_every_site_administrator_gets_it_once_a_day(cast, anchored):
    anchor_take()
    assert [one.to for one in mail.outbox] == [[cast.site_administrator.email]]
    anchor_take(now=timezone.now() + timedelta(days=1))
    assert len(mail.outbox) == 2


def test_a_mail_server_that_is_away_loses_neither_anchor_nor_mail(cast, monkeypatch):
    def away(*args, **kwargs):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("accounts.services.anchors.send_mail", away)
        with pytest.raises(RetryLater):
            anchor_take()
    anchor_take()
    assert len(mail.outbox) == 1


def test_an_anchor_that_was_altered_is_no_anchor(anchored):
    text = storage.read_bytes(anchored).decode()
    assert [one.sequence for one in read_anchor(text)] == [5]
    forged = text.replace('"entries": 5', '"entries": 4')
    assert forged != text
    with pytest.raises(Forged):
        read_anchor(forged)
    storage.save_stream(anchored, [forged.encode()])
    with pytest.raises(CommandError, match="does not carry the signature"):
        verify()


def test_an_administrator_has_her_chains_proved(cast, anchored):
    actor = actor_of_user(cast.administrator)
    proof = proof_ask(actor=actor)
    assert proof_ask(actor=actor) == proof
    proof_make(proof_id=proof.pk)
    proof.refresh_from_db()
    assert (proof.chains, proof.fault) == ([cast.clinic.pk], "")
    rewrite(cast.clinic.pk, 6)
    again = proof_ask(actor=actor)
    proof_make(proof_id=again.pk)
    assert "anchor remembers" in AuditProof.objects.get(pk=again.pk).fault
