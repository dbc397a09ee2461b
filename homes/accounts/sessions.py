"""Session engine that closes a session's live connections when the session ends."""

from functools import partial
from typing import Any

from django.contrib.sessions.backends import cached_db
from django.db import transaction

from homes.accounts.credentials import session_credential
from pantry import broadcast


class SessionStore(cached_db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Also reject keys that are not alphanumeric: PostgreSQL fails on a NUL in a cookie."""
        return super()._validate_session_key(key) and key.isalnum()  # type: ignore[misc]

    def delete(self, session_key: Any = None) -> None:
        """Delete the session and revoke its credential. Every way of signing out ends here."""
        ending = session_key or self.session_key
        super().delete(session_key)
        if ending:
            transaction.on_commit(partial(broadcast.revoke, session_credential(ending)), robust=True)
