"""Walking chains when an administrator asks, in the background: a long log takes minutes."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditProof
from accounts.policy import require_somewhere
from accounts.selectors.audit import proved_chains
from accounts.services import audit
from accounts.services.anchors import Forged, kept_anchors
from accounts.services.audit_chain import Broken, anchors, fault_of
from telepath.core.tasks import enqueue


@transaction.atomic
def proof_ask(*, actor: Actor) -> AuditProof:
    """Ask for a walk along every chain of `actor`; while one is under way, it is that one."""
    require_somewhere(actor, "audit.view")
    assert actor.user is not None  # only a person administers
    waiting = AuditProof.objects.filter(asked_by=actor.user, finished_at=None).first()
    if waiting is None:
        chains = proved_chains(actor)
        waiting = AuditProof.objects.create(asked_by=actor.user, chains=chains)
        audit.record_in_each(chains=chains, actor=actor, action="audit.verify", label="audit log")
    enqueue("accounts.tasks.prove_audit", waiting.pk)
    return waiting


def proof_make(*, proof_id: int) -> None:
    """Walk, and write down what was found. Walking twice writes the same."""
    proof = AuditProof.objects.select_related("asked_by").get(pk=proof_id)
    try:
        kept, fault = kept_anchors(), ""
    except Forged as error:
        kept, fault = {}, str(error)
    ends = {end.chain: end for end in anchors()}
    for chain in proof.chains:
        fault = fault or _words(fault_of(chain, kept.get(chain, ())))
    AuditProof.objects.filter(pk=proof.pk).update(
        finished_at=timezone.now(),
        entries=sum(ends[chain].sequence for chain in proof.chains if chain in ends),
        fault=fault,
    )


def _words(broken: Broken | None) -> str:
    return f"Entry {broken.sequence}: {broken.reason}." if broken else ""
