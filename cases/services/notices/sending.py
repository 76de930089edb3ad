"""From a row that waits to a mail that is on its way."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.actors import actor_of_user, system
from accounts.policy import may
from accounts.services import audit
from cases.choices import CriticalStatus, NoticeKind, NoticeState
from cases.models import Notice
from cases.services.transitions import announce
from telepath.core import leases

logger = logging.getLogger(__name__)

MAILER = system("mail")
ATTEMPTS = 12
"""With growing waits these are about two hours; a mail server that is away longer is a failure."""
_FIRST_WAIT_S, _LONGEST_WAIT_S = 15, 900
_SUBJECTS = {
    NoticeKind.CRITICAL: "critical result of {accession}, please acknowledge",
    NoticeKind.SIGNED: "the report of {accession} is signed",
    NoticeKind.RETURNED: "{accession} comes back to you",
    NoticeKind.ASSIGNED: "{accession} is in your hands",
}


def notice_send(*, notice_id: UUID) -> None:
    """Mail one row that waits; one worker at a time holds it.

    Should the process die after the mail server took the mail and before that is noted, it goes out
    again under the same Message-ID, by which mail systems know a double.
    """
    waiting = _waiting().select_related("person", "case", "critical")
    for notice in leases.claim(waiting.filter(pk=notice_id)):
        with leases.at_work(notice, rest=leases.LONG_REST_SECONDS):
            _deliver(notice)


def sweep() -> int:
    """Send what waits: its message was lost, or its next attempt is due. Returns how many."""
    return leases.wake(_waiting(), "cases.tasks.send_notice")


def _waiting() -> QuerySet[Notice]:
    return Notice.objects.filter(state=NoticeState.WAITING)


def _deliver(notice: Notice) -> None:
    if not _is_needed(notice):
        _end(notice, NoticeState.DROPPED)
    elif _is_taken(_mail(notice)):
        _end(notice, NoticeState.SENT, sent_at=timezone.now())
    elif notice.attempt < ATTEMPTS:
        rest = min(_FIRST_WAIT_S * 2 ** (notice.attempt - 1), _LONGEST_WAIT_S)
        leases.give_back(notice, rest=rest)
    else:
        _end(notice, NoticeState.FAILED)


def _is_needed(notice: Notice) -> bool:
    """Not to somebody who left, nor about a critical result that was acknowledged meanwhile."""
    if notice.critical and notice.critical.status != CriticalStatus.OPEN:
        return False
    return may(actor_of_user(notice.person), "case.view", notice.case)


def _mail(notice: Notice) -> EmailMessage:
    case, kind = notice.case, NoticeKind(notice.kind)
    link = settings.SITE_URL + reverse("cases:case_detail", args=[case.pk])
    text = render_to_string(
        f"cases/mail/{kind}.txt",
        {"accession": case.accession, "link": link, "step": notice.step},
    )
    host = urlsplit(settings.SITE_URL).hostname
    return EmailMessage(
        subject=f"Telepath: {_SUBJECTS[kind].format(accession=case.accession)}",
        body=text,
        to=[notice.person.email],
        headers={"Message-ID": f"<{notice.pk}@{host}>", "Auto-Submitted": "auto-generated"},
    )


def _is_taken(mail: EmailMessage) -> bool:
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        logger.warning("a mail was not taken: %s", type(error).__name__)  # its text may name people
        return False
    return True


@transaction.atomic
def _end(notice: Notice, state: NoticeState, **also: object) -> None:
    """Of a critical result the log and the open pages say also whether each mail went out."""
    if leases.end(notice, state=state, **also) and notice.critical_id:
        audit.record(
            actor=MAILER,
            action="critical.mail",
            chain=notice.case.clinic_id,
            obj=notice.case,
            after={"person": notice.person_name, "step": notice.step, "state": str(state)},
        )
        announce(notice.case, "critical.mailed", {"step": notice.step, "state": str(state)})
