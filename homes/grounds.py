"""On what grounds a socket is open: a session, a token, a password. When one of them is no more, the socket is closed.

Whatever ends one tells the hubs of all processes by `stream.end`, after its commit; the heartbeat looks for what they
were not told.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import AccessToken
from rest_framework_simplejwt.utils import datetime_from_epoch

from homes.models import ApiToken, User

SESSION, JWT, TOKEN, PASSWORD = "session", "jwt", "token", "password"


def of_session(key: str) -> str:
    return f"{SESSION} {key}"


def of_jwt(jti: str) -> str:
    return f"{JWT} {jti}"


def of_token(pk: Any) -> str:
    return f"{TOKEN} {pk}"


def of_password(user: User) -> str:
    """A new password is another ground; so is that of an account that was closed."""
    return f"{PASSWORD} {user.pk} {user.get_session_auth_hash()}"


def of(user: User, token: Any, session_key: str | None) -> frozenset[str]:
    """What somebody was let in on. A personal token does not hang on the password."""
    if isinstance(token, ApiToken):
        return frozenset({of_token(token.pk)})
    shown = of_jwt(token["jti"]) if isinstance(token, AccessToken) else of_session(session_key or "")
    return frozenset({shown, of_password(user)})


def end_of(token: Any) -> datetime | None:
    """When a token expires; a session ends by being ended."""
    if isinstance(token, AccessToken):
        return datetime_from_epoch(token["exp"])
    return token.expires_at if isinstance(token, ApiToken) else None


def fallen(grounds: Iterable[str]) -> set[str]:
    """Those that are no more. One query a kind, however many they are."""
    asked = set(grounds)
    named: dict[str, list[str]] = defaultdict(list)
    for ground in asked:
        kind, name = ground.split()[:2]
        named[kind].append(name)
    sessions = Session.objects.filter(pk__in=named[SESSION], expire_date__gt=timezone.now())
    tokens = ApiToken.objects.filter(pk__in=named[TOKEN], revoked_at=None, user__is_active=True)
    signed_out = BlacklistedToken.objects.filter(token__jti__in=named[JWT])
    standing = {
        *map(of_session, sessions.values_list("pk", flat=True)),
        *map(of_token, tokens.values_list("pk", flat=True)),
        *map(of_jwt, set(named[JWT]) - set(signed_out.values_list("token__jti", flat=True))),
        *map(of_password, User.objects.filter(pk__in=named[PASSWORD], is_active=True)),
    }
    return asked - standing
