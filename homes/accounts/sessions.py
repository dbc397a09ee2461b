"""Sessions that close, when they end, what they opened. The engine is Django's own."""

from functools import partial
from typing import Any

from django.contrib.sessions.backends import cached_db
from django.db import transaction

from homes.accounts.credentials import session_credential
from pantry import broadcast


class SessionStore(cached_db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """A cookie may hold anything; PostgreSQL takes no text with a NUL in it."""
        return super()._validate_session_key(key) and key.isalnum()  # type: ignore[misc]

    def delete(self, session_key: Any = None) -> None:
        """However somebody signs out, here their session ends."""
        ending = session_key or self.session_key
        super().delete(session_key)
        if ending:
            transaction.on_commit(partial(broadcast.revoke, session_credential(ending)), robust=True)
