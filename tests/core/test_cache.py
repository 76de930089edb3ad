"""The cache may be away; whoever asks it goes on."""

from __future__ import annotations

import pytest

from telepath.core.cache import ForgetfulRedisCache

QUICK = {"OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1}}


@pytest.fixture
def away() -> ForgetfulRedisCache:
    return ForgetfulRedisCache("redis://127.0.0.1:1/0", QUICK)


def test_a_cache_that_is_away_behaves_as_if_empty(away):
    away.set("key", 1, timeout=10)
    assert away.get("key") is None
    assert away.get("key", []) == []
    assert away.add("key", 1, timeout=10) is True
    assert away.delete("key") is False


def test_a_cache_that_is_there_remembers(settings):
    there = ForgetfulRedisCache(settings.CACHES["default"]["LOCATION"], QUICK)
    there.set("remembered", [1], timeout=10)
    assert there.get("remembered") == [1]
    assert there.add("remembered", 2, timeout=10) is False
    assert there.delete("remembered") is True
