"""How long a clinic waits: from the last byte of the upload until the result can be seen."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from benchmarks.client import PlatformClient

POLL_SECONDS = 0.01
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Picture:
    """What is sent: the name and the bytes of a file."""

    filename: str
    content: bytes


class NoAnswer(Exception):
    """A case did not become ready in time."""


def measure(
    client: PlatformClient,
    *,
    patient: str,
    pictures: Iterable[Picture],
    is_ready: Callable[[str], bool],
) -> Iterator[float]:
    """Seconds of each case of one picture, one case after another.

    The clock starts when the last byte of the picture was acknowledged, and stops when the case's
    page data (pictures and states) has been read with the case in "ready for review". In between:
    check and thumbnails of the picture, the submission, the analysis. `is_ready` says when a
    browser would have been told of the result.
    """
    for picture in pictures:
        case = _open_case(client, patient)
        client.upload(case, picture.filename, picture.content)
        began = time.perf_counter()
        client.post(f"/api/v1/cases/{case}/submit/", {})
        _wait(is_ready, case)
        client.get(f"/api/v1/cases/{case}/")
        yield time.perf_counter() - began


def summary(seconds: list[float]) -> dict[str, float]:
    """Median, 95th percentile (nearest rank), smallest and largest, in seconds."""
    ordered = sorted(seconds)
    rank = max(0, -(-95 * len(ordered) // 100) - 1)
    return {
        "p50": round(statistics.median(ordered), 3),
        "p95": round(ordered[rank], 3),
        "min": round(ordered[0], 3),
        "max": round(ordered[-1], 3),
    }


def _open_case(client: PlatformClient, patient: str) -> str:
    answer = client.post(
        "/api/v1/cases/",
        {
            "patient": patient,
            "specimen": "peripheral_blood",
            "stain": "giemsa",
            "clinical_information": "Measurement of the platform; not a person.",
        },
    )
    return str(answer["id"])


def _wait(is_ready: Callable[[str], bool], case: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_ready(case):
        if time.monotonic() > deadline:
            raise NoAnswer(
                f"Case {case} is not ready after {PATIENCE_SECONDS:.0f} s. Are workers running? "
                "See the page 'Queues and workers'."
            )
        time.sleep(POLL_SECONDS)
