"""The live socket: what happened since a number, and then whatever happens."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from redis.exceptions import RedisError

from cases.selectors.live import News, actor_of_session, as_message, may_watch, news, number_of
from telepath.core.broker import PATIENCE_SECONDS
from telepath.core.events import group_of, last_number

SIGNED_OUT = 4401
NOT_THERE = 4404
RECHECK_SECONDS = 20.0
"""Longest silence before the table is asked anyway: for lost hints, and for sessions that ended."""
MOST_AUDIENCES = 50
_REDIS_AWAY = (OSError, RedisError)


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels has no types
    """`ws/live/?audience=<a>&since=<n>`, both repeatable, in pairs. Without `since`: from now on.

    Sends `{"type": "ready", "audience", "number"}` once an audience has been replayed, and
    `{"type": "event", ...}` for each event, in order, none twice. A hint only wakes the one task
    that reads the table, so a lost, doubled or late hint changes nothing. Whether the session
    still stands and the audience may be heard is asked anew before each reading.

    Close codes: 4401 signed out, 4404 nothing there that this person may hear of.
    """

    async def connect(self) -> None:
        await self.accept()
        self._numbers: dict[str, int] = {}
        self._ready: set[str] = set()
        self._joined: list[str] = []
        self._wake = asyncio.Event()
        self._pump_task: asyncio.Task[None] | None = None
        refusal = await database_sync_to_async(self._begin)()
        if refusal:
            await self.close(code=refusal)
            return
        self._pump_task = asyncio.create_task(self._pump())

    async def disconnect(self, code: int) -> None:
        if self._pump_task is not None:
            self._pump_task.cancel()
        for group in self._joined:
            with suppress(*_REDIS_AWAY):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self.channel_layer.group_discard(group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A browser has nothing to say here."""

    async def live_hint(self, message: dict[str, Any]) -> None:
        self._wake.set()

    async def live_close(self, message: dict[str, Any]) -> None:
        """Sent on sign-out, deactivation and loss of a role. Who may still look connects again."""
        await self.close(code=SIGNED_OUT)

    @property
    def _session_key(self) -> str | None:
        session = self.scope.get("session")
        return session.session_key if session is not None else None

    def _begin(self) -> int:
        """Read the address; a close code when something in it is not for this person."""
        actor = actor_of_session(self._session_key)
        if not actor.is_somebody:
            return SIGNED_OUT
        self._own_audience = f"user:{actor.id}"
        asked = parse_qs(self.scope["query_string"].decode("latin-1"))
        audiences = asked.get("audience", [])
        if not 0 < len(audiences) <= MOST_AUDIENCES:
            return NOT_THERE
        if not all(may_watch(actor, audience) for audience in audiences):
            return NOT_THERE
        since = dict(zip(audiences, asked.get("since", []), strict=False))
        for audience in audiences:
            given = number_of(since.get(audience, ""))
            self._numbers[audience] = last_number(audience) if given is None else given
        return 0

    async def _join(self) -> None:
        """Join before reading, so that nothing falls between. Reading goes on without Redis."""
        for audience in {*self._numbers, self._own_audience}:
            group = group_of(audience)
            with suppress(*_REDIS_AWAY):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self.channel_layer.group_add(group, self.channel_name)
                self._joined.append(group)

    async def _pump(self) -> None:
        """The only sender: wait for a hint, or for the longest silence, and read what is new."""
        try:
            await self._join()
            while await self._deliver_all():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), RECHECK_SECONDS)
        except Exception:
            await self.close(code=1011)
            raise

    async def _deliver_all(self) -> bool:
        self._wake.clear()
        for audience in self._numbers:
            if not await self._deliver(audience):
                return False
        return True

    async def _deliver(self, audience: str) -> bool:
        """Send what is new of one audience. False when the socket was closed instead."""
        more = True
        while more:
            found = await database_sync_to_async(self._read)(audience)
            if not found.allowed:
                await self.close(code=NOT_THERE if found.signed_in else SIGNED_OUT)
                return False
            for event in found.events:
                await self._send({"type": "event", **as_message(event)})
                self._numbers[audience] = event.number
            more = found.more
        await self._say_ready(audience)
        return True

    def _read(self, audience: str) -> News:
        return news(actor_of_session(self._session_key), audience, self._numbers[audience])

    async def _say_ready(self, audience: str) -> None:
        if audience not in self._ready:
            self._ready.add(audience)
            number = self._numbers[audience]
            await self._send({"type": "ready", "audience": audience, "number": number})

    async def _send(self, message: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(message))
