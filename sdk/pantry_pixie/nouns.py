"""Every operation of the API, declared once."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from pantry_pixie import models
from pantry_pixie.models import EntryState, Frequency, ListState, Locale, Page, Role, Scope
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


class Categories(Noun[Way]):
    @operation("GET", f"{HOME}/categories", Page[models.Category])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """Aisles, in the order of the shop."""

    @operation("POST", f"{HOME}/categories", models.Category)
    def create(self, home: Id, name: str, *, position: int | Unset = UNSET) -> None:
        """Add an aisle."""

    @operation("PATCH", f"{HOME}/categories/{{category}}", models.Category)
    def change(self, home: Id, category: Id, *, name: str | Unset = UNSET, position: int | Unset = UNSET) -> None:
        """Rename or move an aisle."""

    @operation("DELETE", f"{HOME}/categories/{{category}}")
    def remove(self, home: Id, category: Id) -> None:
        """Remove an empty aisle."""


class Items(Noun[Way]):
    @operation("GET", f"{HOME}/items", Page[models.Item])
    def list(
        self,
        home: Id,
        *,
        q: str | Unset = UNSET,
        category: str | Unset = UNSET,
        order: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """What the home buys. `q` is how a word of it begins, `order` is `name` or `newest`."""

    @operation("POST", f"{HOME}/items", models.Item)
    def create(
        self,
        home: Id,
        name: str,
        *,
        description: str | Unset = UNSET,
        category: str | Unset = UNSET,
        quantity: Amount | None | Unset = UNSET,
        unit: str | Unset = UNSET,
        estimated_price: Amount | None | Unset = UNSET,
    ) -> None:
        """Add an item; one of that name that is there already is answered, with these fields."""

    @operation("GET", f"{HOME}/items/{{item}}", models.Item)
    def get(self, home: Id, item: Id) -> None:
        """An item."""

    @operation("PATCH", f"{HOME}/items/{{item}}", models.Item)
    def change(
        self,
        home: Id,
        item: Id,
        *,
        name: str | Unset = UNSET,
        description: str | Unset = UNSET,
        category: str | Unset = UNSET,
        quantity: Amount | None | Unset = UNSET,
        unit: str | Unset = UNSET,
        estimated_price: Amount | None | Unset = UNSET,
    ) -> None:
        """Change an item. `category` is the name of an aisle."""

    @operation("DELETE", f"{HOME}/items/{{item}}")
    def remove(self, home: Id, item: Id) -> None:
        """Remove an item that was never bought."""


class Lists(Noun[Way]):
    @operation("GET", f"{HOME}/lists", Page[models.GroceryList])
    def list(
        self,
        home: Id,
        *,
        state: ListState | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """Lists, the newest first."""

    @operation("POST", f"{HOME}/lists", models.FullList)
    def create(self, home: Id, *, name: str | Unset = UNSET) -> None:
        """Begin a list, as a draft."""

    @operation("GET", f"{HOME}/lists/{{list}}", models.FullList)
    def get(self, home: Id, list: Id) -> None:
        """A list, and what stands on it."""

    @operation("PATCH", f"{HOME}/lists/{{list}}", models.FullList)
    def change(self, home: Id, list: Id, *, name: str | Unset = UNSET, state: ListState | Unset = UNSET) -> None:
        """Rename, approve, complete or reopen a list."""

    @operation("DELETE", f"{HOME}/lists/{{list}}")
    def archive(self, home: Id, list: Id) -> None:
        """Put a list away; what was bought on it stays in the books."""


class Entries(Noun[Way]):
    @operation("GET", f"{HOME}/lists/{{list}}/items", Page[models.Entry])
    def list(
        self,
        home: Id,
        list: Id,
        *,
        state: EntryState | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """What stands on a list; with `state="removed"` what was taken off."""

    @operation("POST", f"{HOME}/lists/{{list}}/items", models.Entry)
    def add(
        self,
        home: Id,
        list: Id,
        name: str | Unset = UNSET,
        *,
        item_id: Id | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
        note: str | Unset = UNSET,
    ) -> None:
        """Put something on a list, by `name` or `item_id`; what is there already adds up."""

    @operation("GET", f"{HOME}/lists/{{list}}/items/{{entry}}", models.Entry)
    def get(self, home: Id, list: Id, entry: Id) -> None:
        """One thing on a list."""

    @operation("PATCH", f"{HOME}/lists/{{list}}/items/{{entry}}", models.Entry)
    def change(
        self,
        home: Id,
        list: Id,
        entry: Id,
        *,
        version: int | Unset = UNSET,
        name: str | Unset = UNSET,
        state: EntryState | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
        note: str | Unset = UNSET,
        price_paid: Amount | None | Unset = UNSET,
    ) -> None:
        """Purchased, put back, more, a note. Raises Conflict when `version` is not the one that is there."""

    @operation("DELETE", f"{HOME}/lists/{{list}}/items/{{entry}}")
    def remove(self, home: Id, list: Id, entry: Id) -> None:
        """Take an entry off its list."""


class RecurringItems(Noun[Way]):
    @operation("GET", f"{HOME}/recurring", Page[models.Recurring])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """What comes back by itself, in the order in which it is due."""

    @operation("POST", f"{HOME}/recurring", models.Recurring)
    def create(
        self,
        home: Id,
        name: str | Unset = UNSET,
        *,
        frequency: Frequency,
        item_id: Id | Unset = UNSET,
        rrule: str | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
    ) -> None:
        """Let something come back, by `name` or `item_id`; saying it again changes the rule."""

    @operation("GET", f"{HOME}/recurring/{{recurring}}", models.Recurring)
    def get(self, home: Id, recurring: Id) -> None:
        """One rule."""

    @operation("PATCH", f"{HOME}/recurring/{{recurring}}", models.Recurring)
    def change(
        self,
        home: Id,
        recurring: Id,
        *,
        frequency: Frequency | Unset = UNSET,
        rrule: str | Unset = UNSET,
        quantity: Amount | Unset = UNSET,
        unit: str | Unset = UNSET,
        paused: bool | Unset = UNSET,
    ) -> None:
        """Change, pause or resume a rule."""

    @operation("DELETE", f"{HOME}/recurring/{{recurring}}")
    def stop(self, home: Id, recurring: Id) -> None:
        """Stop a rule."""


class Money(Noun[Way]):
    @operation("GET", f"{HOME}/spending", models.Spending)
    def spending(
        self,
        home: Id,
        *,
        from_: date | str | Unset = UNSET,
        to: date | str | Unset = UNSET,
        group_by: str | Unset = UNSET,
    ) -> None:
        """What was spent, by `category`, `member`, `week` or `month`; this month where no day is said."""


class Events(Noun[Way]):
    @operation("GET", f"{HOME}/events", models.EventPage)
    def list(self, home: Id, *, after: int | Unset = UNSET, limit: int | Unset = UNSET) -> None:
        """What happened after an event, in order. At most 1,000."""

    @operation("POST", f"{HOME}/undo", models.EventPage)
    def undo(self, home: Id, seq: int) -> None:
        """Put back what one event changed, as a new event; answers with the events that did it."""

    @operation("GET", f"{HOME}/audit", Page[models.AuditedEvent])
    def audit(self, home: Id, *, before: int | Unset = UNSET, limit: int | Unset = UNSET) -> None:
        """Who changed what, the newest first (owners)."""


class Channels(Noun[Way]):
    @operation("GET", f"{HOME}/channels", Page[models.Channel])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """Channels that one sees, with what is unread."""

    @operation("POST", f"{HOME}/channels", models.Channel)
    def create(
        self,
        home: Id,
        name: str | Unset = UNSET,
        *,
        topic: str | Unset = UNSET,
        is_private: bool | Unset = UNSET,
        user_id: Id | Unset = UNSET,
    ) -> None:
        """Open a room by its `name`, or the talk with the member `user_id`."""

    @operation("GET", f"{HOME}/channels/{{channel}}", models.Channel)
    def get(self, home: Id, channel: Id) -> None:
        """A channel."""

    @operation("PATCH", f"{HOME}/channels/{{channel}}", models.Channel)
    def change(
        self,
        home: Id,
        channel: Id,
        *,
        name: str | Unset = UNSET,
        topic: str | Unset = UNSET,
        archived: bool | Unset = UNSET,
    ) -> None:
        """Rename a room, say what it is about, put it away."""

    @operation("POST", f"{HOME}/channels/{{channel}}/join")
    def join(self, home: Id, channel: Id) -> None:
        """Join a room."""

    @operation("POST", f"{HOME}/channels/{{channel}}/leave")
    def leave(self, home: Id, channel: Id) -> None:
        """Leave a room."""

    @operation("POST", f"{HOME}/channels/{{channel}}/read")
    def read(self, home: Id, channel: Id, seq: int) -> None:
        """Note up to which number one has read."""

    @operation("GET", f"{HOME}/channels/{{channel}}/members", Page[models.ChannelMember])
    def members(self, home: Id, channel: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """Who is in a channel."""

    @operation("POST", f"{HOME}/channels/{{channel}}/members")
    def bring(self, home: Id, channel: Id, user_id: Id) -> None:
        """Bring another member into a room that one is in."""


MESSAGES = f"{HOME}/channels/{{channel}}/messages"


class Messages(Noun[Way]):
    @operation("GET", MESSAGES, Page[models.Message])
    def list(self, home: Id, channel: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """What was said in a channel, the newest first."""

    @operation("POST", MESSAGES, models.Message)
    def send(self, home: Id, channel: Id, content: str, *, id: Id | Unset = UNSET) -> None:
        """Say something. The same `id` is one message."""

    @operation("GET", f"{MESSAGES}/{{message}}", models.Message)
    def get(self, home: Id, channel: Id, message: Id) -> None:
        """A message."""

    @operation("PATCH", f"{MESSAGES}/{{message}}", models.Message)
    def change(self, home: Id, channel: Id, message: Id, content: str, version: int) -> None:
        """Change one's own message. Raises Conflict when `version` is not the one that is there."""

    @operation("DELETE", f"{MESSAGES}/{{message}}")
    def remove(self, home: Id, channel: Id, message: Id) -> None:
        """Take one's own message back."""

    @operation("GET", f"{MESSAGES}/{{message}}/replies", Page[models.Message])
    def replies(
        self, home: Id, channel: Id, message: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET
    ) -> None:
        """A thread, in the order in which it was said."""

    @operation("POST", f"{MESSAGES}/{{message}}/replies", models.Message)
    def reply(self, home: Id, channel: Id, message: Id, content: str, *, id: Id | Unset = UNSET) -> None:
        """Say something in a thread."""

    @operation("POST", f"{MESSAGES}/{{message}}/reactions", models.Message)
    def react(self, home: Id, channel: Id, message: Id, emoji: str) -> None:
        """React with one sign."""

    @operation("DELETE", f"{MESSAGES}/{{message}}/reactions", models.Message)
    def unreact(self, home: Id, channel: Id, message: Id, emoji: str) -> None:
        """Take one's reaction back."""


class Threads(Noun[Way]):
    @operation("GET", f"{HOME}/threads", Page[models.Thread])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """One's talks with Pixie, the newest first."""

    @operation("POST", f"{HOME}/threads", models.Thread)
    def create(self, home: Id, *, title: str | Unset = UNSET) -> None:
        """Begin a talk, or find the one of that title."""

    @operation("GET", f"{HOME}/threads/{{thread}}", models.Thread)
    def get(self, home: Id, thread: Id) -> None:
        """A talk."""

    @operation("PATCH", f"{HOME}/threads/{{thread}}", models.Thread)
    def change(self, home: Id, thread: Id, *, title: str | Unset = UNSET, archived: bool | Unset = UNSET) -> None:
        """Rename a talk, or put it away."""

    @operation("GET", f"{HOME}/threads/{{thread}}/messages", Page[models.Message])
    def messages(self, home: Id, thread: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """What was said in a talk, the newest first."""

    @operation("POST", f"{HOME}/threads/{{thread}}/messages", models.Message)
    def send(self, home: Id, thread: Id, content: str, *, id: Id | Unset = UNSET) -> None:
        """Say something to Pixie; its answer comes as a message of its own."""

    @operation("POST", f"{HOME}/threads/{{thread}}/messages/{{message}}/confirm", models.Confirmed)
    def confirm(self, home: Id, thread: Id, message: Id, confirm: bool) -> None:
        """Answer what Pixie asks."""


class Pixie(Noun[Way]):
    @operation("POST", "/api/chat", models.Said, query=["wait"])
    def say(
        self, home_id: Id, message: str, *, thread_id: Id | None | Unset = UNSET, wait: float | Unset = UNSET
    ) -> None:
        """Say something to Pixie, and wait for its answer: `wait` seconds, 25 at most."""

    @operation("POST", "/api/chat/confirm", models.Confirmed)
    def confirm(self, home_id: Id, message_id: Id, confirm: bool) -> None:
        """Answer what Pixie asks."""

    @operation("GET", f"{HOME}/runs/{{run}}", models.Run)
    def run(self, home: Id, run: Id) -> None:
        """How far Pixie is with an answer."""
