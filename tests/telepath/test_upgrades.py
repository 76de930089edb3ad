"""A database that was worked with goes forward only."""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.db.migrations import Migration

from accounts.actors import system
from accounts.models import Organisation
from accounts.services import audit
from telepath.upgrades import refuse_going_back
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db
BACK = (Migration("0003_being_amended", "cases"), True)


@pytest.fixture
def worked_with(db) -> Organisation:
    clinic = OrganisationFactory()
    audit.record(actor=system("test"), action="organisation.open", chain=clinic.pk, obj=clinic)
    return clinic


def test_what_people_did_is_not_migrated_away(worked_with):
    with pytest.raises(CommandError, match="cases.0003_being_amended .* nothing was changed"):
        refuse_going_back(plan=[BACK], using="default")


def test_forward_is_never_refused_and_others_go_where_they_like(worked_with):
    forward, foreign = (BACK[0], False), (Migration("0003", "sessions"), True)
    refuse_going_back(plan=[forward, foreign], using="default")


def test_an_empty_database_may_go_back(db):
    refuse_going_back(plan=[BACK], using="default")
