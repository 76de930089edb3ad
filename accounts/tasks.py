"""Doors for the workers."""

from __future__ import annotations

from uuid import UUID

from accounts.services import invitations
from telepath.core.tasks import worker_task


@worker_task(queue="cpu", hard_limit=60)
def send_invitation(user_id: int, organisation_id: str) -> None:
    """Write the mail to somebody who was invited. The link is made here, never put in a queue."""
    invitations.invitation_send(user_id=user_id, organisation_id=UUID(organisation_id))
