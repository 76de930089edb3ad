"""What goes wrong with one picture, or with everything at once: each ends in a sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from inference.choices import RunStatus
from inference.models import AnalysisRun
from inference.services import runs
from telepath.core.storage import delete_keys, save_stream
from tests.inference import fakes
from tests.inference.fakes import Order
from tests.inference.test_runs import fresh

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("order", "code", "words"),
    [
        (Order.CRASH, "engine", "for a reason that is not known yet"),
        (Order.TAKE_TOO_LONG, "time_limit", "took too long"),
        (Order.NEED_TOO_MUCH_MEMORY, "memory", "too large for the memory"),
    ],
)
def test_a_picture_that_breaks_the_engine_fails_in_a_sentence(
    queued, work, endings, order, code, words
):
    run = queued(order)
    work()
    run = fresh(run)
    assert run.status == RunStatus.FAILED
    assert run.error_code == code
    assert words in run.error
    assert "secret" not in run.error
    assert len(endings) == 1


def test_one_broken_picture_spoils_no_other_of_its_batch(queued, work, endings):
    good = [queued() for _ in range(3)]
    bad = queued(Order.CRASH)
    work()
    assert {fresh(run).status for run in good} == {RunStatus.SUCCEEDED}
    assert fresh(bad).status == RunStatus.FAILED
    assert len(endings) == 4


def test_an_image_that_is_gone_is_given_up_at_once(queued, work):
    run = queued()
    delete_keys([run.input_key])
    work()
    assert fresh(run).error_code == "input_missing"
    assert fresh(run).attempt == 1


def test_an_image_that_was_changed_in_the_store_is_not_analysed(queued, work):
    run = queued()
    save_stream(run.input_key, [fakes.picture(cells=9)])
    work()
    run = fresh(run)
    assert run.status == RunStatus.FAILED
    assert run.error_code == "input_changed"
    assert "SHA-256 differs" in run.error
    assert not run.cells.exists()


def test_a_file_that_is_no_picture_is_refused_with_its_reason(work, model):
    sha256, _ = save_stream("test/text", [b"this is a text, not a picture"])
    run = runs.request_run(input_key="test/text", input_sha256=sha256)
    work()
    assert fresh(run).error_code == "image_refused"
    assert fresh(run).error.endswith(".")


def test_a_store_that_is_away_is_tried_again_later_and_then_said(queued, work, model, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "tests.inference.test_failures.StoreThatIsAway"},
    }
    run = AnalysisRun.objects.create(input_key="a/b", input_sha256="0" * 64, model_version=model)
    for _ in range(5):
        work()
        waiting = fresh(run)
        assert (waiting.status, waiting.error_code) == (RunStatus.QUEUED, "storage_away")
        assert waiting.attempt == 0, "a fault that passes costs no attempt"
        assert runs.claim_runs(limit=8) == [], "it rests first"
        AnalysisRun.objects.update(due_at=waiting.created_at)

    long_ago = waiting.created_at - timedelta(minutes=settings.ANALYSIS_PATIENCE_MINUTES)
    AnalysisRun.objects.update(created_at=long_ago)
    work()
    assert (fresh(run).status, fresh(run).error_code) == (RunStatus.FAILED, "storage_away")


class StoreThatIsAway:
    """A storage whose server does not answer."""

    def path(self, name):
        raise NotImplementedError

    def open(self, name, mode="rb"):
        raise ConnectionError("connection refused")


def test_a_package_that_cannot_be_read_is_tried_again_and_then_said(
    queued, work, settings, tmp_path
):
    settings.ANALYSER_LOADER = "inference.services.analysers.load_package"
    settings.MODEL_PACKAGES = str(tmp_path)
    run = queued()
    work()
    assert fresh(run).status == RunStatus.QUEUED
    AnalysisRun.objects.update(
        created_at=run.created_at - timedelta(hours=2), due_at=run.created_at
    )
    work()
    assert fresh(run).status == RunStatus.FAILED
    assert fresh(run).error_code == "model_unreadable"
    assert "model package" in fresh(run).error
