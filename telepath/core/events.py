"""Live events: rows with growing numbers, and a hint over the channel layer that a new one exists.

Nothing depends on a hint arriving: a browser names the last number that it saw and gets the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import connection, transaction

from telepath.core import broker
from telepath.core.broker import PATIENCE_SECONDS, Breaker
from telepath.core.models import AudienceHead, LiveEvent

logger = logging.getLogger(__name__)

REPLAY_LIMIT = 500
breaker = Breaker()

_NEXT_NUMBER = """
    INSERT INTO core_audiencehead (audience, last_number) VALUES (%s, 1)
    ON CONFLICT (audience) DO UPDATE SET last_number = core_audiencehead.last_number + 1
    RETURNING last_number
"""


def group_of(audience: str) -> str:
    """The channel-layer group of an audience (group names allow no colon)."""
    return "live." + audience.replace(":", ".")


def publish(audience: str, kind: str, payload: Mapping[str, Any]) -> LiveEvent:
    """Write the next event of `audience` in the current transaction; hint after its commit.

    Call it last in a transaction: the audience's counter stays locked until commit.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_NUMBER, [audience])
            (number,) = cursor.fetchone()
        event = LiveEvent.objects.create(
            audience=audience, number=number, kind=kind, payload=dict(payload)
        )
        transaction.on_commit(lambda: hint(audience, {"type": "live.hint", "number": number}))
    return event


def hint(audience: str, message: Mapping[str, Any]) -> None:
    """Tell the sockets of an audience to look. A lost hint is only a delay, so it is logged.

    Waits at most a second for Redis, and not at all for a moment after it failed.
    """
    if breaker.is_open or broker.breaker.is_open:
        return
    try:
        async_to_sync(_send)(group_of(audience), dict(message))
    except Exception as error:
        breaker.trip()
        logger.warning("live hint for %s was not delivered: %r", audience, error)


async def _send(group: str, message: dict[str, Any]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await get_channel_layer().group_send(group, message)


def events_since(audience: str, number: int, *, limit: int = REPLAY_LIMIT) -> list[LiveEvent]:
    """Events of `audience` after `number`, oldest first."""
    found = LiveEvent.objects.filter(audience=audience, number__gt=number).order_by("number")
    return list(found[:limit])


def last_number(audience: str) -> int:
    """The newest number of `audience`; 0 when nothing has happened yet."""
    head = AudienceHead.objects.filter(pk=audience).first()
    return head.last_number if head else 0


def forget_before(moment: datetime) -> int:
    """Delete events that no open page can still be waiting for. Numbers go on where they were."""
    deleted, _ = LiveEvent.objects.filter(at__lt=moment).delete()
    return deleted
