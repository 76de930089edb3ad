"""A case leaves the clinic, is analysed, and becomes ready, whatever the analysis does."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actors import Actor, system
from accounts.policy import require
from cases.choices import ACTIONS, CaseStatus, ImageStatus, UploadStatus
from cases.models import Case, SmearImage, Upload
from cases.services.standing import weigh
from cases.services.transitions import move
from inference.choices import RunStatus
from inference.models import AnalysisRun
from inference.selectors import is_any_open, runs_by_id
from inference.services.runs import cancel_run, request_run
from telepath.core.errors import Conflict, Invalid
from telepath.core.events import publish

PLATFORM = system("analysis")
ON_ITS_WAY = datetime.timedelta(minutes=10)
"""A file of which something came within this time is still being sent."""

_NOTHING_READABLE = "None of the pictures could be read as a smear field."
_NO_RESULT = "The analysis gave no result."
_LEFT_BEHIND = "The case was submitted before this file had arrived. It is not part of the case."


@transaction.atomic
def case_submit(*, actor: Actor, case: Case) -> Case:
    """Hand the case over for analysis and reading. Pictures may still be in their check.

    Raises `Invalid` without a usable picture or with a file on its way, `MovedOn` when not a draft.
    """
    require(actor, "case.submit", case)
    row = Case.objects.select_for_update().get(pk=case.pk)
    _check_pictures(row)
    move(
        row,
        actor=actor,
        action="case.submit",
        submitted_at=timezone.now(),
        no_ai_reason="",
    )
    _leave_behind(row)
    return advance(row)


@transaction.atomic
def case_recall(*, actor: Actor, case: Case) -> Case:
    """The clinic takes the case back to its draft, as long as no reader has it in her hands.

    Analyses under way stop; what was found already is kept for the next submission. Raises
    `MovedOn` when a reader was faster.
    """
    require(actor, "case.recall", case)
    row = Case.objects.select_for_update().get(pk=case.pk)
    move(row, actor=actor, action="case.recall", submitted_at=None, ready_at=None, no_ai_reason="")
    for run_id in _run_ids(row.images.all()):
        cancel_run(run_id)
    return row


@transaction.atomic
def case_retry(*, actor: Actor, case: Case) -> Case:
    """Analyse again the pictures whose analysis failed. Raises `Conflict` when there are none."""
    require(actor, "case.retry", case)
    row = Case.objects.select_for_update().get(pk=case.pk)
    waiting = _unanalysed(row)
    if row.status in ACTIONS["case.retry"].states and not waiting:
        raise Conflict(
            f"No analysis of case {row.accession} has failed, so there is nothing to repeat.",
            code="nothing_failed",
        )
    move(row, actor=actor, action="case.retry", no_ai_reason="")
    _request(row, waiting)
    return row


def advance(case: Case) -> Case:
    """Start the analysis of a submitted case once every picture is checked.

    Call it with the case's row locked. Changes nothing in any other state.
    """
    if case.status != CaseStatus.SUBMITTED or _unchecked(case):
        return case
    waiting = _unanalysed(case)
    if not waiting:
        return become_ready(case)
    move(case, actor=PLATFORM, action="case.analyse")
    _request(case, waiting)
    return case


@transaction.atomic
def on_run_finished(run: AnalysisRun) -> None:
    """Called inside the transaction that ends a run: the last one makes the case ready.

    The case's row lock orders runs that end at once: each sees the ends committed before it, so
    exactly one of them is the last.
    """
    image = SmearImage.objects.filter(run_id=run.pk).first()
    if image is None:
        return
    case = Case.objects.select_for_update().get(pk=image.case_id)
    if case.status == CaseStatus.ANALYSING and not _has_open_run(case):
        become_ready(case)
    publish(
        case.audience,
        "image.analysed",
        {"case_id": str(case.pk), "image_id": str(image.pk), "status": run.status},
    )


def _check_pictures(case: Case) -> None:
    on_their_way = Upload.objects.filter(
        case=case, status=UploadStatus.OPEN, touched_at__gt=timezone.now() - ON_ITS_WAY
    )
    if names := list(on_their_way.values_list("filename", flat=True)[:3]):
        raise Invalid(
            f"Still on the way: {', '.join(names)}. Wait until all files have arrived, or remove "
            "what is not needed, then submit.",
            code="upload_open",
        )
    if not case.images.exclude(status=ImageStatus.REFUSED).exists():
        raise Invalid(
            "Add at least one picture that can be read, then submit the case.", code="no_picture"
        )


def _leave_behind(case: Case) -> None:
    """End the files that nobody sends any more; otherwise one could come after the submission."""
    Upload.objects.filter(case=case, status=UploadStatus.OPEN).update(
        status=UploadStatus.FAILED, problem=_LEFT_BEHIND
    )


def _unchecked(case: Case) -> bool:
    return case.images.filter(status=ImageStatus.RECEIVED).exists()


def _readable(case: Case) -> QuerySet[SmearImage]:
    return case.images.filter(status=ImageStatus.READY)


def _unanalysed(case: Case) -> list[SmearImage]:
    """Readable pictures without a successful run: new ones, and those whose run failed."""
    images = list(_readable(case))
    runs = runs_by_id(_run_ids(images))
    return [image for image in images if not _succeeded(runs.get(image.run_id))]  # type: ignore[arg-type]  # None is in no dict


def _succeeded(run: AnalysisRun | None) -> bool:
    return run is not None and run.status == RunStatus.SUCCEEDED


def _run_ids(images: Collection[SmearImage]) -> list[UUID]:
    return [image.run_id for image in images if image.run_id]


def _request(case: Case, images: Collection[SmearImage]) -> None:
    for image in images:
        run = request_run(
            input_key=image.original_key,
            input_sha256=image.sha256,
            input_mpp=image.mpp,
            audience=case.audience,
            priority=case.priority,
        )
        image.run_id = run.pk
        image.save(update_fields=["run_id"])


def _has_open_run(case: Case) -> bool:
    return is_any_open(_readable(case).values("run_id"))


def become_ready(case: Case, *, otherwise: str = _NO_RESULT) -> Case:
    """Put the case before the readers, with its AI result or with the reason why there is none.

    Call it with the case's row locked. otherwise: the reason when no run gives one.
    """
    reason = case.no_ai_reason = _no_ai_reason(case, otherwise)
    weigh(case)
    return move(
        case,
        actor=PLATFORM,
        action="case.ready",
        reason=reason,
        ready_at=timezone.now(),
        no_ai_reason=reason,
    )


def _no_ai_reason(case: Case, otherwise: str) -> str:
    """Empty when at least one picture has a result; otherwise why none has, for people."""
    images = list(_readable(case))
    if not images:
        return _NOTHING_READABLE
    runs = runs_by_id(_run_ids(images))
    ended = [runs[image.run_id] for image in images if image.run_id in runs]
    if any(_succeeded(run) and run.outcome and run.outcome.is_ok for run in ended):
        return ""
    said = (run.error or (run.outcome and run.outcome.reason) for run in ended)
    reasons = list(dict.fromkeys(reason for reason in said if reason))
    return " ".join(reasons) or otherwise
