"""Doors from the broker to the services: load by id, call one."""

from __future__ import annotations

import datetime
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from cases.services import assembly, critical, images, notices, patience, reports, standing
from telepath.core.events import forget_before
from telepath.core.tasks import go_on_alone, worker_task

MINUTE = 60


@worker_task(queue="cpu", hard_limit=10 * MINUTE, max_retries=20)
def ingest_image(image_id: str) -> None:
    """Check one received image and make its pictures."""
    images.image_ingest(image_id=UUID(image_id))
    go_on_alone(images.ingest_waiting)


@worker_task(queue="cpu", hard_limit=20 * MINUTE, max_retries=20)
def finish_upload(upload_id: str) -> None:
    """Put a large upload together."""
    with suppress(assembly.UploadGone):
        assembly.upload_finish(upload_id=UUID(upload_id))


@worker_task(queue="cpu", hard_limit=MINUTE)
def sweep_images() -> None:
    """Find uploads that are whole but not yet images, and images that nobody checks."""
    assembly.finish_waiting()
    images.sweep()


@worker_task(queue="cpu", hard_limit=MINUTE)
def sweep_cases() -> None:
    """Find cases that wait for an analysis in vain, and those that nobody weighed yet."""
    patience.release_stuck()
    standing.sweep()


@worker_task(queue="cpu", hard_limit=10 * MINUTE)
def sweep_uploads() -> None:
    """Give up files that nobody sends any more, and delete what they left."""
    assembly.sweep()


@worker_task(queue="cpu", hard_limit=10 * MINUTE)
def sweep_events() -> None:
    """Forget live events that are too old for any page to ask for."""
    forget_before(timezone.now() - datetime.timedelta(days=settings.EVENTS_KEEP_DAYS))


@worker_task(queue="cpu", hard_limit=5 * MINUTE)
def render_report(report_id: str) -> None:
    """Make the PDF of one signed report."""
    reports.report_print(report_id=UUID(report_id))


@worker_task(queue="cpu", hard_limit=MINUTE)
def sweep_reports() -> None:
    """Find signed reports whose PDF was never made."""
    reports.sweep()


@worker_task(queue="cpu", hard_limit=MINUTE)
def sweep_critical() -> None:
    """Tell the next people of critical results that nobody has acknowledged in time."""
    critical.escalate_due()


@worker_task(queue="cpu", hard_limit=MINUTE)
def send_notice(notice_id: str) -> None:
    """Mail one notice."""
    notices.notice_send(notice_id=UUID(notice_id))


@worker_task(queue="cpu", hard_limit=MINUTE)
def sweep_notices() -> None:
    """Find mails that were never sent."""
    notices.sweep()
