"""Credentials of live connections: sessions, tokens and passwords.

A connection is closed when one of its credentials is revoked. Code that revokes a credential calls `broadcast.revoke`
after the commit; the hubs also check all credentials periodically.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import AccessToken
from rest_framework_simplejwt.utils import datetime_from_epoch

from homes.accounts.models import ApiToken, User

on_account_locked: list[Callable[[User], None]] = []  # hooks of packages above, called inside the transaction
SESSION, JWT, TOKEN, PASSWORD = "session", "jwt", "token", "password"


def hash_session_key(key: str) -> str:
    """Return the hash under which the session is stored: 160 bits, as many as its column has room for."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:40]


def session_credential(key_hash: str) -> str:
    return f"{SESSION} {key_hash}"


def family_of(token: Any) -> str:
    """Return the id that all JWTs of one sign-in share, however often they were refreshed."""
    return str(token.get("family") or token["jti"])


def jwt_credential(family: str) -> str:
    return f"{JWT} {family}"


def token_credential(pk: Any) -> str:
    return f"{TOKEN} {pk}"


def password_credential(user: User) -> str:
    """Return a credential that ends with `end_sign_ins`."""
    return f"{PASSWORD} {user.pk} {user.session_version}"


def credentials_of(user: User, token: Any, session_key: str | None) -> frozenset[str]:
    """Return the credentials of a connection. A personal token is revoked by itself."""
    if isinstance(token, ApiToken):
        return frozenset({token_credential(token.pk)})
    is_jwt = isinstance(token, AccessToken)
    presented = jwt_credential(family_of(token)) if is_jwt else session_credential(hash_session_key(session_key or ""))
    return frozenset({presented, password_credential(user)})


def expiry_of(token: Any) -> datetime | None:
    """Return when the token expires; None for a session or a token without an end."""
    if isinstance(token, AccessToken):
        return datetime_from_epoch(token["exp"])
    return token.expires_at if isinstance(token, ApiToken) else None


def scopes_of(token: Any) -> list[str] | None:
    """Return the scopes that a personal token is limited to; None for one with all of them and other credentials."""
    is_limited = isinstance(token, ApiToken) and set(token.scopes) != set(ApiToken.SCOPES)
    return token.scopes if is_limited else None


def revoked(credentials: Iterable[str]) -> set[str]:
    """Return the credentials that are no longer valid. One query per kind."""
    candidates = set(credentials)
    names: dict[str, list[str]] = defaultdict(list)
    for credential in candidates:
        kind, name = credential.split()[:2]
        names[kind].append(name)
    sessions = Session.objects.filter(pk__in=names[SESSION], expire_date__gt=timezone.now())
    tokens = ApiToken.objects.filter(pk__in=names[TOKEN], revoked_at=None, user__is_active=True)
    blacklisted = BlacklistedToken.objects.filter(token__jti__in=names[JWT])
    valid = {
        *map(session_credential, sessions.values_list("pk", flat=True)),
        *map(token_credential, tokens.values_list("pk", flat=True)),
        *map(jwt_credential, set(names[JWT]) - set(blacklisted.values_list("token__jti", flat=True))),
        *map(password_credential, User.objects.filter(pk__in=names[PASSWORD], is_active=True)),
    }
    return candidates - valid


def account_locked(user: User) -> None:
    """Call the hooks. Call it inside the transaction that ends the user's sign-ins."""
    for hook in on_account_locked:
        hook(user)
