"""Processes are killed with signal 9 in the middle of their work. Nothing good may be lost."""

from __future__ import annotations

import hashlib

import pytest
from django.db.models import Count

from accounts.actors import actor_of_user
from cases.choices import CaseStatus, ImageStatus, UploadStatus
from cases.models import Case, CaseTransition, ReportVersion, SmearImage, Upload
from cases.selectors.cells import cells_of
from cases.services.reading import cells_correct
from cases.services.review import case_claim
from cases.services.signing import case_sign
from inference.choices import RunStatus
from inference.models import Cell
from telepath.core.storage import read_chunks
from tests.conftest import Cast
from tests.factories import PASSWORD
from tests.live.stack import Stack, until
from tests.live.tus import TusClient
from tests.live.work import drawn_field, open_case, runs_of, submit_case

pytestmark = [pytest.mark.kills, pytest.mark.timeout(240)]


def reload(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def is_ready(case: Case) -> bool:
    return reload(case).status == CaseStatus.READY


def assert_ended_once(case: Case) -> None:
    """Each run has one end, each cell one row, and the case one step to 'ready for review'."""
    runs = runs_of(case)
    assert {run.status for run in runs} == {RunStatus.SUCCEEDED}
    doubled = Cell.objects.filter(run__in=runs).values("run", "number").annotate(n=Count("pk"))
    assert not doubled.filter(n__gt=1).exists()
    ready = CaseTransition.objects.filter(case=case, to_status=CaseStatus.READY)
    assert ready.count() == 1


def test_a_worker_killed_in_mid_run_is_made_good_and_the_run_ends_once(live: Stack, cast: Cast):
    case = submit_case(cast, *(drawn_field(seed, 3000, 2200) for seed in (1, 2)))
    until(lambda: any(run.status == RunStatus.RUNNING for run in runs_of(case)), every=0.02)

    live.kill("worker-inference")

    assert reload(case).status == CaseStatus.ANALYSING
    assert not all(run.status == RunStatus.SUCCEEDED for run in runs_of(case))
    live.start("worker-inference")
    until(lambda: is_ready(case), seconds=120)
    assert_ended_once(case)
    assert max(run.attempt for run in runs_of(case)) >= 2


def test_a_worker_killed_while_it_checks_a_picture_loses_none(live: Stack, cast: Cast):
    live.kill("worker-cpu")
    case = submit_case(cast, drawn_field(3), drawn_field(4))
    assert set(case.images.values_list("status", flat=True)) == {ImageStatus.RECEIVED}

    live.start("worker-cpu")

    until(lambda: is_ready(case), seconds=120)
    assert_ended_once(case)


def test_a_web_server_killed_in_mid_upload_goes_on_where_it_was(live: Stack, cast: Cast):
    picture = drawn_field(5, 1600, 1200)
    sent = TusClient(live, cast)
    case = open_case(cast)
    location = sent.begin(case, len(picture), "field.png")
    half = len(picture) // 2
    assert sent.append(location, 0, picture[:half]) == 204
    sent.half_a_request(location, half, picture[half:])

    live.kill("web")
    live.start("web")

    assert sent.offset(location) == half
    assert sent.append(location, half, picture[half:]) == 204
    image = SmearImage.objects.get(case=case)
    stored = hashlib.sha256(b"".join(read_chunks(image.original_key))).hexdigest()
    assert stored == image.sha256 == hashlib.sha256(picture).hexdigest()
    assert Upload.objects.get(case=case).status == UploadStatus.COMPLETE
    until(lambda: SmearImage.objects.get(pk=image.pk).status == ImageStatus.READY)


def test_redis_killed_under_load_delays_and_loses_nothing(live: Stack, cast: Cast):
    before = [submit_case(cast, drawn_field(n, 1200, 900), mrn=f"A-{n}") for n in range(4)]
    until(lambda: any(run.status == RunStatus.RUNNING for case in before for run in runs_of(case)))

    live.kill_redis()

    during = TusClient(live, cast)
    late = open_case(cast)
    picture = drawn_field(9)
    location = during.begin(late, len(picture), "late.png")
    assert during.append(location, 0, picture) == 204
    live.redis.start_again()
    after = submit_case(cast, drawn_field(10), mrn="B-1")
    for case in (*before, after):
        until(lambda case=case: is_ready(case), seconds=150)
        assert_ended_once(case)
    until(lambda: late.images.get().status == ImageStatus.READY)
    assert sign_twice(after, cast) == 1


def sign_twice(case: Case, cast: Cast) -> int:
    """A signature asked for two times; the number of reports that stand."""
    reader = actor_of_user(cast.first_reader)
    case_claim(actor=reader, case=case)
    cells_correct(
        actor=reader,
        case=case,
        cell_ids=[cell.id for cell in cells_of(case)],
        cell_class="lymphocyte",
    )
    for _ in range(2):
        try:
            case_sign(
                actor=reader,
                case=reload(case),
                password=PASSWORD,
                meaning="authorship",
                conclusion="no_blasts",
                comment="",
            )
        except Exception as refused:
            assert "signed" in str(refused).lower()
    return ReportVersion.objects.filter(case=case).count()
