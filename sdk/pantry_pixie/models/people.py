"""Accounts, homes and who lives there."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict

from pantry_pixie.models.base import Row

Role = Literal["owner", "member"]
Locale = Literal["en", "th"]
Scope = Literal["read", "write", "chat", "admin"]
InvitationState = Literal["open", "used", "revoked", "expired"]


# Accounts


class User(Row):
    id: UUID
    email: str
    name: str


class SignedIn(Row):
    """Without tokens where the e-mail is to be confirmed first."""

    token: str | None
    refresh: str | None
    user: User


class Pair(Row):
    token: str
    refresh: str


class HomeName(Row):
    id: UUID
    name: str


class HomeRole(HomeName):
    role: Role


class Switched(Pair):
    home: HomeName


class Me(Row):
    user: User
    active_home: HomeRole | None
    homes: list[HomeRole]


class Token(Row):
    """A personal token. `prefix` is how it begins."""

    id: UUID
    name: str
    prefix: str
    scopes: list[Scope]
    home_id: UUID | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class NewToken(Token):
    """`key` is shown this once."""

    key: str


class PushKey(Row):
    """By which browsers know the server."""

    public_key: str


class Device(Row):
    """A browser that may be told something. `failed_at`: it could not be, the last time."""

    id: UUID
    name: str
    created_at: datetime
    last_used_at: datetime | None
    failed_at: datetime | None


class NoticeChoices(Row):
    """By kind, whether one is told; and the quiet hours, by the home's clock."""

    kinds: dict[str, bool]
    quiet_from: time | None
    quiet_until: time | None


# Homes


class Home(Row):
    id: UUID
    name: str
    timezone: str
    currency: str
    locale: str
    monthly_budget: Decimal | None
    created_at: datetime


class HomeFile(Row):
    """A home as one file, whatever its parts bring along."""

    model_config = ConfigDict(frozen=True, extra="allow")

    format: int
    home: dict[str, Any]
    exported_at: str | None = None
    members: list[dict[str, Any]] | None = None
    agents: list[dict[str, Any]] | None = None
    groceries: dict[str, Any] | None = None
    chat: dict[str, Any] | None = None
    memory: dict[str, Any] | None = None


class Member(Row):
    """`number` is the place in the order of joining."""

    user_id: UUID
    name: str
    role: Role
    number: int
    joined_at: datetime


class Invitation(Row):
    id: UUID
    email: str
    role: Role
    state: InvitationState
    expires_at: datetime
    created_at: datetime


class NewInvitation(Invitation):
    """`url` is the link that lets one person in; shown this once."""

    token: str
    url: str


class Joined(Row):
    home: HomeName
    role: Role
