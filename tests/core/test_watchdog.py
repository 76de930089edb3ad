"""Who takes nothing while work waits is ended; who merely has nothing to do is left alone."""

from __future__ import annotations

import subprocess
import sys

from telepath.core.watchdog import EXIT_STALLED, Watchdog


class Seconds:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def looks(*moments: tuple[float, int, bool, int | None]) -> list[bool]:
    """What the dog says at each (second, messages taken, at work?, messages that wait)."""
    clock = Seconds()
    dog = Watchdog(patience=60, longest=600, clock=clock)
    said = []
    for second, taken, is_busy, waiting in moments:
        clock.now = second
        said.append(dog.is_stalled(taken=taken, is_busy=is_busy, waiting=waiting))
    return said


def test_work_that_waits_for_a_worker_with_free_hands_is_a_stall():
    assert looks((0, 5, False, 3), (59, 5, False, 9), (61, 5, False, 9)) == [False, False, True]


def test_an_empty_queue_is_none_however_long():
    assert not any(looks((0, 5, False, 0), (5000, 5, False, 0), (5050, 5, False, 1)))


def test_each_message_taken_starts_the_wait_anew():
    assert not any(looks((0, 5, False, 3), (50, 6, False, 3), (100, 7, False, 3)))


def test_a_silent_broker_is_not_the_fault_of_the_worker():
    assert not any(looks((0, 5, False, 3), (50, 5, False, None), (100, 5, False, 3)))


def test_a_long_task_is_waited_for_but_not_beyond_its_own_limit():
    assert looks((0, 5, True, 3), (650, 5, True, 3), (661, 5, True, 3)) == [False, False, True]


def test_after_a_long_task_the_wait_begins_at_its_end():
    assert looks((0, 5, True, 3), (500, 5, True, 3), (550, 5, False, 3)) == [False] * 3


def test_a_stalled_process_ends_with_a_status_of_its_own():
    program = (
        "import time; from telepath.core.watchdog import watch\n"
        "watch(lambda: True, every=0.01); time.sleep(60)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == EXIT_STALLED
    assert b"work waits" in done.stderr
