"""Who one is, homes, and who lives there."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from decimal import Decimal

from pantry_pixie import models
from pantry_pixie.models import Locale, Page, Role, Scope
from pantry_pixie.operations import UNSET, Id, Noun, Unset, Way, operation

Amount = Decimal | int | str
HOME = "/api/homes/{home}"


class Account(Noun[Way]):
    @operation("POST", "/api/auth/signup", models.SignedIn, also=["/api/users/signup"], is_open=True)
    def sign_up(self, email: str, password: str, name: str) -> None:
        """Make an account. `client.sign_up` keeps its tokens, too."""

    @operation("POST", "/api/auth/login", models.SignedIn, also=["/api/users/login"], is_open=True)
    def sign_in(self, email: str, password: str, code: str | Unset = UNSET) -> None:
        """Get tokens. `client.sign_in` keeps them, too. `code` is of the second step, where it is on."""

    @operation("POST", "/api/auth/refresh", models.Pair, is_open=True)
    def refresh(self, refresh: str) -> None:
        """New tokens for a refresh token, which is then used up. The client does it by itself."""

    @operation("POST", "/api/auth/logout")
    def sign_out(self, refresh: str | Unset = UNSET) -> None:
        """End the token in use, and `refresh`. `client.sign_out` forgets them, too."""

    @operation("POST", "/api/auth/switch-home", models.Switched)
    def switch_home(self, home_id: Id) -> None:
        """A token whose active home is another one. `client.switch_home` keeps it, too."""

    @operation("GET", "/api/auth/me", models.Me, also=["/api/users/me"])
    def me(self) -> None:
        """Who one is, and one's homes."""

    @operation("PATCH", "/api/users/{user}", models.User)
    def change(self, user: Id, *, name: str | Unset = UNSET, locale: Locale | Unset = UNSET) -> None:
        """Change one's own name or language."""


class Tokens(Noun[Way]):
    @operation("GET", "/api/auth/tokens", Page[models.Token])
    def list(self, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """One's personal tokens."""

    @operation("POST", "/api/auth/tokens", models.NewToken)
    def create(
        self,
        name: str,
        scopes: Sequence[Scope],
        *,
        home_id: Id | None | Unset = UNSET,
        expires_at: datetime | None | Unset = UNSET,
    ) -> None:
        """Make a personal token, for one home alone where `home_id` says so. Its `key` is shown this once."""

    @operation("DELETE", "/api/auth/tokens/{token}")
    def revoke(self, token: Id) -> None:
        """Take a personal token back."""


class Devices(Noun[Way]):
    @operation("GET", "/api/users/me/devices/key", models.PushKey)
    def key(self) -> None:
        """The key by which browsers know the server: their `applicationServerKey`."""

    @operation("GET", "/api/users/me/devices", Page[models.Device])
    def list(self, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """One's devices that may be told something."""

    @operation("POST", "/api/users/me/devices", models.Device)
    def add(self, endpoint: str, keys: Mapping[str, str], *, name: str | Unset = UNSET) -> None:
        """Let a browser be told things: what its `PushSubscription.toJSON()` says."""

    @operation("DELETE", "/api/users/me/devices/{device}")
    def forget(self, device: Id) -> None:
        """Tell a device nothing more."""

    @operation("POST", "/api/users/me/devices/{device}/test")
    def test(self, device: Id) -> None:
        """Send a device a notice, to see whether it comes."""


class Notices(Noun[Way]):
    @operation("GET", f"{HOME}/notices", models.NoticeChoices)
    def get(self, home: Id) -> None:
        """What one is told of the home, and when not."""

    @operation("PATCH", f"{HOME}/notices", models.NoticeChoices)
    def choose(
        self,
        home: Id,
        *,
        kinds: Mapping[str, bool] | Unset = UNSET,
        quiet_from: time | str | None | Unset = UNSET,
        quiet_until: time | str | None | Unset = UNSET,
    ) -> None:
        """Choose it: `kinds={"shopping": False}`. Kinds that are not named stay as they are."""


class Homes(Noun[Way]):
    @operation("GET", "/api/homes", Page[models.Home])
    def list(self, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """One's homes."""

    @operation("POST", "/api/homes", models.Home)
    def create(
        self,
        name: str,
        *,
        timezone: str | Unset = UNSET,
        currency: str | Unset = UNSET,
        locale: Locale | Unset = UNSET,
        monthly_budget: Amount | None | Unset = UNSET,
    ) -> None:
        """Found a home, as its owner."""

    @operation("GET", HOME, models.Home)
    def get(self, home: Id) -> None:
        """A home."""

    @operation("PATCH", HOME, models.Home)
    def change(
        self,
        home: Id,
        *,
        name: str | Unset = UNSET,
        timezone: str | Unset = UNSET,
        currency: str | Unset = UNSET,
        locale: Locale | Unset = UNSET,
        monthly_budget: Amount | None | Unset = UNSET,
    ) -> None:
        """Change a home (owners)."""

    @operation("GET", f"{HOME}/export", models.HomeFile)
    def export(self, home: Id) -> None:
        """The home as one file (owners): all that one sees."""

    @operation("POST", "/api/homes/import", models.Home, whole="file")
    def import_(self, file: models.HomeFile) -> None:
        """A new home of one's own from such a file."""


class Members(Noun[Way]):
    @operation("GET", f"{HOME}/members", Page[models.Member])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """Members, in the order of joining."""

    @operation("POST", f"{HOME}/members", models.NewInvitation)
    def invite(self, home: Id, *, email: str | Unset = UNSET, role: Role | Unset = UNSET) -> None:
        """Invite somebody (owners): the same as `invitations.create`."""

    @operation("PATCH", f"{HOME}/members/{{user}}", models.Member)
    def change(self, home: Id, user: Id, role: Role) -> None:
        """Change a member's role (owners)."""

    @operation("DELETE", f"{HOME}/members/{{user}}")
    def remove(self, home: Id, user: Id) -> None:
        """Remove a member (owners), or leave oneself."""


class Invitations(Noun[Way]):
    @operation("GET", f"{HOME}/invitations", Page[models.Invitation])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """Invitations, the newest first (owners)."""

    @operation("POST", f"{HOME}/invitations", models.NewInvitation)
    def create(self, home: Id, *, email: str | Unset = UNSET, role: Role | Unset = UNSET) -> None:
        """Invite somebody (owners). Its `url` is shown this once."""

    @operation("DELETE", f"{HOME}/invitations/{{invitation}}")
    def revoke(self, home: Id, invitation: Id) -> None:
        """Take an invitation back (owners)."""

    @operation("POST", "/api/invitations/{token}/accept", models.Joined)
    def accept(self, token: str) -> None:
        """Come in."""
