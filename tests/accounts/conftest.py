"""People and rows that the tests of this app share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.models import User
from accounts.services.tokens import NewToken, token_create
from tests.conftest import Cast


@pytest.fixture
def admin(cast: Cast, as_actor: Callable[[User], Actor]) -> Actor:
    """The administrator of the clinic, as an actor."""
    return as_actor(cast.administrator)


@pytest.fixture
def site_administrator(cast: Cast) -> User:
    return cast.site_administrator


@pytest.fixture
def admin_client(cast: Cast, client_of: Callable[[User], Client]) -> Client:
    return client_of(cast.administrator)


@pytest.fixture
def make_token(cast: Cast, admin: Actor) -> Callable[..., NewToken]:
    """A token of the clinic; by default it may read."""

    def make(*scopes: str, days: float = 30) -> NewToken:
        return token_create(
            actor=admin,
            organisation=cast.clinic,
            name="Scanner",
            scopes=scopes or ["cases:read"],
            lifetime=timedelta(days=days),
        )

    return make
