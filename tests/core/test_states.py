"""Conditional updates."""

from __future__ import annotations

import pytest

from inference.choices import ModelStatus
from inference.models import ModelVersion
from telepath.core.states import move_row
from tests.factories import ModelVersionFactory

REGISTERED, ACTIVE, RETIRED = ModelStatus.REGISTERED, ModelStatus.ACTIVE, ModelStatus.RETIRED


@pytest.mark.django_db
def test_a_row_moves_from_a_named_state_and_takes_other_values_along():
    row = ModelVersionFactory()
    assert move_row(row, field="status", old=[REGISTERED], new=RETIRED, folder="elsewhere")
    assert (row.status, row.folder) == (RETIRED, "elsewhere")
    row.refresh_from_db()
    assert (row.status, row.folder) == (RETIRED, "elsewhere")


@pytest.mark.django_db
def test_a_row_in_another_state_stays_as_it_is():
    row = ModelVersionFactory(status=RETIRED)
    row.status = REGISTERED  # what this process believes is out of date
    assert not move_row(row, field="status", old=[REGISTERED], new=ACTIVE)
    row.refresh_from_db()
    assert row.status == RETIRED


def test_of_many_who_move_a_row_at_once_one_succeeds(at_the_same_time):
    pk = ModelVersionFactory().pk

    def move():
        return move_row(
            ModelVersion.objects.get(pk=pk), field="status", old=[REGISTERED], new=RETIRED
        )

    assert sum(at_the_same_time(*[move] * 6)) == 1
