from __future__ import annotations

import pytest

from inference.engine.serving.batches import steps


@pytest.mark.parametrize("count", [*range(1, 70), 500])
@pytest.mark.parametrize("sizes", [(8,), (1, 2, 4, 8, 32), (8, 32, 128)])
def test_every_picture_is_in_one_step_that_holds_it(count, sizes):
    found = list(steps(count, sizes))
    pictures = [number for start, stop, _ in found for number in range(start, stop)]
    assert pictures == list(range(count))
    assert all(0 < stop - start <= size and size in sizes for start, stop, size in found)


@pytest.mark.parametrize(
    ("count", "sizes"),
    [(9, [8, 1]), (7, [8]), (12, [8, 4]), (13, [16]), (16, [16]), (33, [16, 16, 1])],
)
def test_little_is_padded(count, sizes):
    assert [step.size for step in steps(count, (1, 2, 4, 8, 16))] == sizes


def test_no_picture_is_one_step_of_padding_that_tells_the_shapes():
    assert list(steps(0, (4, 8))) == [(0, 0, 4)]
