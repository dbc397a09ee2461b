"""Session engine whose rows give away no session, and that closes a session's live connections when it ends.

The database has the hashes of session keys, and the data encrypted, since a second step that is being set up is in it.
"""

from functools import partial
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from cryptography.fernet import InvalidToken
from django.contrib.sessions.backends import cached_db
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from homes.accounts.credentials import hash_session_key, session_credential
from pantry import broadcast
from pantry.encryption import decrypt, encrypt

KEY_CHARS = 32  # of a session key; its hash is longer
MAX_USER_AGENT_CHARS = 200


class SessionStore(cached_db.SessionStore):
    def _validate_session_key(self, key: Any) -> bool:
        """Also reject keys that are not alphanumeric: PostgreSQL fails on a NUL in a cookie."""
        return super()._validate_session_key(key) and key.isalnum()  # type: ignore[misc]

    @property
    def cache_key(self) -> str:
        return f"{self.cache_key_prefix}{hash_session_key(self._get_or_create_session_key())}"  # type: ignore[attr-defined]

    def _get_session_from_db(self) -> Any:
        is_open = {"expire_date__gt": timezone.now()}
        row = self.model.objects.filter(session_key=hash_session_key(self.session_key or ""), **is_open).first()
        if row is None:
            self._session_key = None
        return row

    def create_model_instance(self, data: Any) -> Any:
        row = super().create_model_instance(data)
        row.session_key = hash_session_key(row.session_key)
        return row

    def exists(self, session_key: Any) -> bool:
        return bool(super().exists(stored_key(session_key)))

    def delete(self, session_key: Any = None) -> None:
        """Delete the session and revoke its credential. Every way of signing out ends here."""
        if ending := session_key or self.session_key:
            super().delete(stored_key(ending))
            credential = session_credential(stored_key(ending))
            transaction.on_commit(partial(broadcast.revoke, credential), robust=True)

    def encode(self, session_dict: Any) -> str:
        return encrypt(super().encode(session_dict), "sessions")

    def decode(self, session_data: Any) -> dict[str, Any]:
        try:
            return super().decode(decrypt(session_data, "sessions"))
        except InvalidToken:
            return {}


def stored_key(key: str) -> str:
    """Return the hash of a session key. `key` may be one already, as those of UserSession are."""
    return hash_session_key(key) if len(key) == KEY_CHARS else key


def list_session(request: HttpRequest) -> None:
    """Add the session to the user's list of sessions, under the hash of its key."""
    if not request.session.session_key:
        request.session.save()
    user_agent = request.META.get("HTTP_USER_AGENT", "")[:MAX_USER_AGENT_CHARS]
    defaults = {"user": request.user, "ip": get_adapter().get_client_ip(request), "user_agent": user_agent}
    key = hash_session_key(request.session.session_key or "")
    UserSession.objects.update_or_create(session_key=key, defaults=defaults)
