"""The cache, which may be away: nothing in it is the only copy of anything.

It holds the counters that slow down guessing at passwords. While Redis is away people can still
sign in, unslowed for that time; the audit trail, in the database, notes every failure as ever.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_Answer = TypeVar("_Answer")


class ForgetfulRedisCache(RedisCache):
    """Behaves as if empty while Redis does not answer."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._or(
            default, lambda: super(ForgetfulRedisCache, self).get(key, default, version)
        )

    def add(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> bool:
        return self._or(
            True, lambda: super(ForgetfulRedisCache, self).add(key, value, *args, **kwargs)
        )

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        self._or(None, lambda: super(ForgetfulRedisCache, self).set(key, value, *args, **kwargs))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return self._or(False, lambda: super(ForgetfulRedisCache, self).delete(key, version))

    def _or(self, answer: _Answer, ask: Callable[[], _Answer]) -> _Answer:
        try:
            return ask()
        except (RedisError, OSError) as error:
            logger.warning("the cache is away: %s", error)
            return answer
