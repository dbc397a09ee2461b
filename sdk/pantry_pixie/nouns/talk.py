"""Rooms, messages, and talking with Pixie."""

from datetime import date
from typing import Literal

from pantry_pixie import models
from pantry_pixie.models import Page
from pantry_pixie.operations import UNSET, Id, Noun, Unset, Way, operation

HOME = "/api/homes/{home}"


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


class Search(Noun[Way]):
    @operation("GET", f"{HOME}/search", Page[models.Found])
    def look(
        self,
        home: Id,
        q: str,
        *,
        kind: models.FoundKind | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """Look for something among messages and items, the best first."""


class Threads(Noun[Way]):
    @operation("GET", f"{HOME}/threads", Page[models.Thread])
    def list(self, home: Id, *, limit: int | Unset = UNSET, cursor: str | Unset = UNSET) -> None:
        """One's talks with Pixie, the newest first."""

    @operation("POST", f"{HOME}/threads", models.Thread)
    def create(self, home: Id, *, title: str | Unset = UNSET, agent_id: Id | None | Unset = UNSET) -> None:
        """Begin a talk, or find the one of that title: with that agent, else with the first one awake."""

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
        self,
        home_id: Id,
        message: str,
        *,
        thread_id: Id | None | Unset = UNSET,
        route: str | Unset = UNSET,
        wait: float | Unset = UNSET,
    ) -> None:
        """Say something to Pixie, and wait for its answer: `wait` seconds, 25 at most. `route`: "local", or "model",
        which raises OverBudget when nothing is left for it."""

    @operation("POST", "/api/chat/confirm", models.Confirmed)
    def confirm(self, home_id: Id, message_id: Id, confirm: bool) -> None:
        """Answer what Pixie asks."""

    @operation("GET", f"{HOME}/usage", models.UsageReport)
    def usage(
        self,
        home: Id,
        *,
        from_: date | str | Unset = UNSET,
        to: date | str | Unset = UNSET,
        group_by: Literal["agent", "model", "member", "day"] | Unset = UNSET,
    ) -> None:
        """What agents used from one day to another, by model or otherwise, and what is left for them."""

    @operation("GET", f"{HOME}/agents/{{agent}}/runs", Page[models.RunRow])
    def runs(
        self,
        home: Id,
        agent: Id,
        *,
        status: models.RunStatus | Unset = UNSET,
        limit: int | Unset = UNSET,
        cursor: str | Unset = UNSET,
    ) -> None:
        """An agent's runs in channels that one sees, the newest first."""

    @operation("GET", f"{HOME}/runs/{{run}}", models.RunTrace)
    def run(self, home: Id, run: Id) -> None:
        """How far Pixie is with an answer, and how it came about: steps, calls of tools, what it used."""

    @operation("POST", f"{HOME}/runs/{{run}}/cancel", models.Run)
    def cancel(self, home: Id, run: Id) -> None:
        """Let Pixie stop. What was done until then stays."""
