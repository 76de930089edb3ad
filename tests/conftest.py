"""The fixed cast, and what every test may lean on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, connections

from accounts.actors import Actor, actor_of_user
from accounts.choices import OrganisationKind, Role
from accounts.models import Organisation, User
from telepath.core import broker, events
from tests import factories
from tests.disk import can_mount
from tests.fixtures_s3 import any_storage, s3_server, s3_storage

__all__ = ["any_storage", "s3_server", "s3_storage"]  # fixtures, found here by pytest

APPEND_ONLY = (
    "accounts_auditevent",
    "cases_casetransition",
    "cases_cellcorrection",
    "cases_handcell",
    "cases_readingstep",
    "cases_reportversion",
    "cases_tallyentry",
    "inference_modelactivation",
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Two submitters of one clinic, two pathologists who read for it, administrators, outsiders."""

    clinic: Organisation
    laboratory: Organisation
    other_clinic: Organisation
    submitter: User
    colleague: User
    first_reader: User
    second_reader: User
    administrator: User
    laboratory_administrator: User
    outsider: User
    outside_reader: User
    site_administrator: User


@pytest.fixture
def cast(db: None) -> Cast:
    make = factories.OrganisationFactory
    clinic = make(name="Riverside Clinic", code="RIV")
    laboratory = make(name="Central Laboratory", code="CEN", kind=OrganisationKind.LABORATORY)
    other_clinic = make(name="Hill Clinic", code="HIL")
    other_laboratory = make(name="Far Laboratory", code="FAR", kind=OrganisationKind.LABORATORY)
    factories.ReadingAgreementFactory(laboratory=laboratory, clinic=clinic)
    factories.ReadingAgreementFactory(laboratory=other_laboratory, clinic=other_clinic)
    return Cast(
        clinic=clinic,
        laboratory=laboratory,
        other_clinic=other_clinic,
        submitter=_member("Nurse Sana Ito", clinic, Role.SUBMITTER),
        colleague=_member("Dr. Omar Diallo", clinic, Role.SUBMITTER),
        first_reader=_member("Dr. Mira Keller", laboratory, Role.PATHOLOGIST),
        second_reader=_member("Dr. Jonas Weiss", laboratory, Role.PATHOLOGIST),
        administrator=_member("Ada Admin", clinic, Role.ADMINISTRATOR),
        laboratory_administrator=_member("Lars Admin", laboratory, Role.ADMINISTRATOR),
        outsider=_member("Olga Outside", other_clinic, Role.SUBMITTER),
        outside_reader=_member("Dr. Otto Outside", other_laboratory, Role.PATHOLOGIST),
        site_administrator=factories.UserFactory(
            name="Sara Site", email="sara.site@example.org", is_superuser=True
        ),
    )


def _member(name: str, organisation: Organisation, role: Role) -> User:
    email = name.split()[-2].lower() + "." + name.split()[-1].lower() + "@example.org"
    user = factories.UserFactory(name=name, email=email)
    factories.MembershipFactory(user=user, organisation=organisation, role=role)
    return user


@pytest.fixture
def as_actor() -> Callable[[User], Actor]:
    """The actor of a user, freshly loaded."""
    return actor_of_user


@pytest.fixture
def client_of(client_class: type) -> Callable[[User], Any]:
    """A test client signed in as a user."""

    def make(user: User) -> Any:
        client = client_class()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def client_class() -> type:
    from django.test import Client

    return Client


@pytest.fixture
def at_the_same_time(transactional_db: None) -> Callable[..., list[Any]]:
    """Run callables in threads with their own connections; exceptions come back as results."""

    def run(*callables: Callable[[], Any]) -> list[Any]:
        def attempt(one: Callable[[], Any]) -> Any:
            try:
                return one()
            except Exception as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(callables)) as pool:
            return list(pool.map(attempt, callables))

    return run


def _has_compose() -> bool:
    asked = ["docker", "compose", "version"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What cannot be had everywhere is left out by name instead of skipped."""
    for marker, can_be_had in (("docker", _has_compose), ("mounts", can_mount)):
        asking = [item for item in items if item.get_closest_marker(marker)]
        if asking and not can_be_had():
            config.hook.pytest_deselected(items=asking)
            items[:] = [item for item in items if item not in asking]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Where CI says that everything is there, a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} was skipped, and in CI nothing may skip: {report.longrepr}"
        )
    return report


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real images; skips where it is absent."""
    folder = Path(os.environ.get("TELEPATH_DATA", "../shared/data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real images: TELEPATH_DATA points to {folder}, which is absent")
    return folder


@pytest.fixture(autouse=True)
def _clean_slate(tmp_path: Path, settings: Any) -> Iterator[None]:
    """Own files and an empty cache for each test."""
    storages = {**settings.STORAGES}
    if settings.STORAGE == "folder":
        storages["default"] = {
            **storages["default"],
            "OPTIONS": {"location": str(tmp_path / "media"), "allow_overwrite": True},
        }
        settings.STORAGES = storages
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()
    for breaker in (broker.breaker, events.breaker):
        breaker.close()
    yield


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_triggers() -> Iterator[None]:
    """Between transactional tests all tables are emptied; only here may the triggers look away."""
    operations = type(connection.ops)
    original = operations.execute_sql_flush

    def flush(self: Any, sql_list: list[str]) -> None:
        off = [f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in APPEND_ONLY]
        on = [f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in APPEND_ONLY]
        original(self, [*off, *sql_list, *on])

    operations.execute_sql_flush = flush
    yield
    operations.execute_sql_flush = original
