"""Sessions in the database (SESSION_ENGINE)."""

from __future__ import annotations

from django.contrib.sessions.backends import db


class SessionStore(db.SessionStore):
    """A cookie is anybody's text: what can be no key of ours is not asked of the database.

    PostgreSQL refuses the character NUL, which a quoted cookie may carry as an octal escape.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key if session_key and session_key.isalnum() else None)
