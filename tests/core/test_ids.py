"""Identifiers."""

from __future__ import annotations

import time

from telepath.core.ids import new_id


def test_an_id_is_a_uuid_of_version_7_and_carries_the_time():
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_later_ids_sort_behind_earlier_ones():
    first = new_id()
    time.sleep(0.002)
    assert first < new_id()


def test_ids_of_one_moment_differ():
    assert len({new_id() for _ in range(10_000)}) == 10_000
