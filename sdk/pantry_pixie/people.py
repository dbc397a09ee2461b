"""Accounts, homes and their members."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack
from uuid import UUID

from pydantic import ConfigDict

from pantry_pixie.chat import SearchKind, SearchResult
from pantry_pixie.groceries import Balances, Spending
from pantry_pixie.operations import (
    ClientT,
    CsvQuery,
    Id,
    Model,
    NamedRow,
    Page,
    Paging,
    PeriodQuery,
    Resource,
    Row,
    operation,
)

Role = Literal["owner", "member"]
Locale = Literal["en"]
Scope = Literal["read", "write", "chat", "admin"]


class User(NamedRow):
    email: str
    name: str


class TokenPair(Model):
    """The client stores these."""

    token: str | None
    refresh: str | None


class SignedIn(TokenPair):
    """Without tokens if the email address must be confirmed first."""

    user: User


class HomeRole(NamedRow):
    role: Role


class HomeSwitch(TokenPair):
    home: NamedRow


class Me(Model):
    user: User
    active_home: HomeRole | None
    homes: list[HomeRole]


class Account(Resource[ClientT], path="/api"):
    """The client stores the tokens of these operations, and calls `refresh` by itself. `code` is that of two-factor
    authentication. `client.sign_out()` revokes the tokens and forgets them."""

    @operation("POST", "/auth/signup", SignedIn, aliases=["/api/users/signup"], anonymous=True)
    def sign_up(self, email: str, password: str, name: str) -> None: ...
    @operation("POST", "/auth/login", SignedIn, aliases=["/api/users/login"], anonymous=True)
    def sign_in(self, email: str, password: str, code: str = ...) -> None: ...
    @operation("POST", "/auth/refresh", TokenPair, anonymous=True)
    def refresh(self, refresh: str) -> None: ...
    @operation("POST", "/auth/logout")
    def sign_out(self, refresh: str = ...) -> None: ...
    @operation("POST", "/auth/switch-home", HomeSwitch)
    def switch_home(self, home_id: Id) -> None: ...
    @operation("GET", "/auth/me", Me, aliases=["/api/users/me"])
    def me(self) -> None: ...
    @operation("PATCH", "/users/{user}", User)
    def update(self, user: Id, *, name: str = ..., locale: Locale = ...) -> None: ...


class Token(NamedRow):
    """A personal token. `prefix` is its beginning."""

    prefix: str
    scopes: list[Scope]
    home_id: UUID | None
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None


class NewToken(Token):
    key: str


class Tokens(Resource[ClientT], path="/api/auth/tokens"):
    """Personal tokens: for one home if `home_id` is given. Creating one takes the account's password, and its `key` is
    shown only once."""

    @operation("GET", "", Page[Token])
    def list(self, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", NewToken)
    def create(
        self,
        name: str,
        scopes: Sequence[Scope],
        password: str,
        *,
        home_id: Id | None = ...,
        expires_at: datetime | None = ...,
    ) -> None: ...
    @operation("DELETE", "/{token}")
    def revoke(self, token: Id) -> None: ...


class Device(NamedRow):
    """A push subscription. `failed_at` is set if the last notification could not be sent."""

    created_at: datetime
    last_used_at: datetime | None
    failed_at: datetime | None


class Devices(Resource[ClientT], path="/api/users/me/devices"):
    """Push subscriptions. `key` is a browser's `applicationServerKey`, and `add` takes the fields of `toJSON()`."""

    @operation("GET", "/key", dict[str, str])
    def key(self) -> None: ...
    @operation("GET", "", Page[Device])
    def list(self, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Device)
    def add(self, endpoint: str, keys: Mapping[str, str], *, name: str = ...) -> None: ...
    @operation("DELETE", "/{device}")
    def delete(self, device: Id) -> None: ...
    @operation("POST", "/{device}/test")
    def test(self, device: Id) -> None: ...


class NotificationSettings(Model):
    """Quiet hours are in the home's time zone."""

    kinds: dict[str, bool]
    quiet_from: time | None
    quiet_until: time | None


class NotificationFields(TypedDict, total=False):
    kinds: Mapping[str, bool]
    quiet_from: time | str | None
    quiet_until: time | str | None


class Home(NamedRow):
    timezone: str
    currency: str
    locale: str
    monthly_budget: Decimal | None
    shares_examples: bool
    fills_pantry: bool
    created_at: datetime


class HomeFile(Model):
    """An exported home, with all that its apps add to it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    format: int
    home: dict[str, Any]
    exported_at: str | None = None
    members: list[dict[str, Any]] | None = None
    agents: list[dict[str, Any]] | None = None
    groceries: dict[str, Any] | None = None
    chat: dict[str, Any] | None = None
    memory: dict[str, Any] | None = None


class Import(NamedRow):
    """An import in the background. `total_rows` is 0 until the file has been checked; `home` is the new home's id."""

    state: Literal["waiting", "working", "done", "failed", "cancelled"]
    done_rows: int
    total_rows: int
    error: str
    home: UUID | None
    created_at: datetime
    finished_at: datetime | None


class HomeFields(TypedDict, total=False):
    timezone: str
    currency: str
    locale: Locale
    monthly_budget: Decimal | int | str | None
    shares_examples: bool
    fills_pantry: bool


class Homes(Resource[ClientT], path="/api/homes"):
    """One's homes. Only owners can update or export them. In `update_notifications`, `kinds={"shopping": False}` leaves
    other kinds as they are; the daily summary's `hour` is None if it is off; `spending` is that of this month by
    default, grouped by `category`, `member`, `week` or `month`. `client.watch_import` waits for an import."""

    @operation("GET", "", Page[Home])
    def list(self, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", Home)
    def create(self, name: str, **fields: Unpack[HomeFields]) -> None: ...
    @operation("GET", "/{home}", Home)
    def get(self, home: Id) -> None: ...
    @operation("PATCH", "/{home}", Home)
    def update(self, home: Id, *, name: str = ..., **fields: Unpack[HomeFields]) -> None: ...
    @operation("GET", "/{home}/notices", NotificationSettings)
    def notifications(self, home: Id) -> None: ...
    @operation("PATCH", "/{home}/notices", NotificationSettings)
    def update_notifications(self, home: Id, **fields: Unpack[NotificationFields]) -> None: ...
    @operation("GET", "/{home}/summary", dict[str, int | None])
    def summary(self, home: Id) -> None: ...
    @operation("PATCH", "/{home}/summary", dict[str, int | None])
    def update_summary(self, home: Id, hour: int | None) -> None: ...
    @operation("GET", "/{home}/search", Page[SearchResult])
    def search(self, home: Id, q: str, *, kind: SearchKind = ..., **paging: Unpack[Paging]) -> None: ...
    @operation("GET", "/{home}/balances", Balances)
    def balances(self, home: Id) -> None: ...
    @operation("GET", "/{home}/spending/csv", str)
    def purchases_csv(self, home: Id, **query: Unpack[CsvQuery]) -> None: ...
    @operation("GET", "/{home}/spending", Spending)
    def spending(self, home: Id, *, group_by: str = ..., **period: Unpack[PeriodQuery]) -> None: ...
    @operation("GET", "/{home}/export", HomeFile)
    def export(self, home: Id) -> None: ...
    @operation("POST", "/import", Import, body="file")
    def import_(self, file: HomeFile) -> None: ...
    @operation("GET", "/import/{job}", Import)
    def get_import(self, job: Id) -> None: ...
    @operation("DELETE", "/import/{job}")
    def cancel_import(self, job: Id) -> None: ...


class Member(Model):
    """`number` is the position in joining order."""

    user_id: UUID
    name: str
    role: Role
    number: int
    joined_at: datetime


class Invitation(Row):
    email: str
    role: Role
    state: Literal["open", "used", "revoked", "expired"]
    expires_at: datetime
    created_at: datetime


class NewInvitation(Invitation):
    token: str
    url: str


class Members(Resource[ClientT], path="/api/homes/{home}/members"):
    """Members, in joining order. Only owners invite, update and remove; everybody can remove themselves."""

    @operation("GET", "", Page[Member])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "", NewInvitation)
    def invite(self, home: Id, *, email: str = ..., role: Role = ...) -> None: ...
    @operation("PATCH", "/{user}", Member)
    def update(self, home: Id, user: Id, role: Role) -> None: ...
    @operation("DELETE", "/{user}")
    def remove(self, home: Id, user: Id) -> None: ...


class JoinedHome(Model):
    home: NamedRow
    role: Role


class Invitations(Resource[ClientT], path="/api"):
    """Invitations, newest first (owners only). The `url` of a new one is shown only once."""

    @operation("GET", "/homes/{home}/invitations", Page[Invitation])
    def list(self, home: Id, **paging: Unpack[Paging]) -> None: ...
    @operation("POST", "/homes/{home}/invitations", NewInvitation)
    def create(self, home: Id, *, email: str = ..., role: Role = ...) -> None: ...
    @operation("DELETE", "/homes/{home}/invitations/{invitation}")
    def revoke(self, home: Id, invitation: Id) -> None: ...
    @operation("POST", "/invitations/{token}/accept", JoinedHome)
    def accept(self, token: str) -> None: ...
