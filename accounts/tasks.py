"""Doors for the workers."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.services import anchors, audit_proof, drafts, invitations, sending
from telepath.core.tasks import worker_task

TYPED_KEPT = timedelta(days=30)


@worker_task(queue="cpu", hard_limit=60)
def send_invitation(user_id: int, organisation_id: str) -> None:
    """Write the mail to somebody who was invited. The link is made here, never put in a queue."""
    invitations.invitation_send(user_id=user_id, organisation_id=UUID(organisation_id))


@worker_task(queue="cpu", hard_limit=600)
def anchor_audit() -> None:
    """Keep and mail where the chains end today. Called hourly, so that no day is missed."""
    anchors.anchor_take()


@worker_task(queue="cpu", hard_limit=1800)
def prove_audit(proof_id: int) -> None:
    """Walk the chains that an administrator asked about."""
    audit_proof.proof_make(proof_id=proof_id)


@worker_task(queue="cpu", hard_limit=600)
def sweep_typed() -> None:
    """Forget drafts that nobody came back to, and forms that nobody sends again."""
    before = timezone.now() - TYPED_KEPT
    drafts.drafts_forget(before=before)
    sending.forget_sent(before=before)
