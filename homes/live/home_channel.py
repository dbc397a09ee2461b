"""A home in this process: subscribes to its group, reads its log once, and sends to all of its connections."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from channels.layers import get_channel_layer
from django.conf import settings
from django.utils import timezone

from homes.events import queries
from homes.events.models import Event
from homes.live import hooks as live_hooks
from homes.live.connection import INTERNAL_ERROR, MAX_QUEUED_FRAMES, REMOVED, Connection, Frame, event_frames
from pantry.broadcast import ALL_HOMES, RETRY_SECONDS, attempt, home_group, send
from pantry.db.threads import in_client_thread, in_log_thread
from pantry.metrics import DELIVERY

log = logging.getLogger(__name__)

MAX_CATCH_UP_EVENTS = 1000  # a client that is further behind loads the state again
MAX_NAMED_USERS = 20  # of those who view the same thing; their number is sent, too
DEPARTURE_SECONDS = 2.0  # a page that is followed by the next is no departure
LIFETIME_SECONDS = 45  # after which a process without presence reports counts as dead
SETTLE_SECONDS = 0.1  # changes within it are sent as one
CHUNK = 128  # connections served before other tasks get a turn


class Presence:
    """The users of a home and their focus, the list or channel on the screen. Several tabs of a user are one user."""

    def __init__(self) -> None:
        self.local: dict[UUID, Counter[UUID | None]] = {}
        self.remote: dict[str, dict[UUID, frozenset[UUID]]] = {}  # by process and user
        self.reported_at: dict[str, float] = {}
        self.announced: set[UUID] = set()  # users that clients were told are present

    def has(self, user_id: UUID) -> bool:
        return user_id in self.local or any(user_id in report for report in self.remote.values())

    def arrive(self, user_id: UUID, focus: UUID | None = None) -> None:
        self.local.setdefault(user_id, Counter())[focus] += 1

    def depart(self, user_id: UUID, focus: UUID | None) -> None:
        self.local[user_id] -= Counter([focus])  # drops what comes to zero
        if not self.local[user_id]:
            del self.local[user_id]

    def looking_at(self, focus: UUID) -> set[UUID]:
        users = {user_id for user_id, counts in self.local.items() if focus in counts}
        for report in self.remote.values():
            users |= {user_id for user_id, focuses in report.items() if focus in focuses}
        return users

    def report(self) -> dict[str, list[str]]:
        return {str(user_id): [str(focus) for focus in counts if focus] for user_id, counts in self.local.items()}

    def update(self, process: str, report: Mapping[str, Iterable[str]]) -> tuple[set[UUID], set[UUID]]:
        """Take in another process's report. Returns the users and the focuses that it changes."""
        new = {UUID(user_id): frozenset(map(UUID, focuses)) for user_id, focuses in report.items()}
        old = self.remote.pop(process, {})
        self.reported_at[process] = time.monotonic()
        if new:
            self.remote[process] = new
        users = {user_id for user_id in new.keys() | old.keys() if new.get(user_id) != old.get(user_id)}
        return users, {focus for user_id in users for focuses in (old, new) for focus in focuses.get(user_id, ())}


class HomeChannel:
    """An open home. `position` is the last number read, `readers` the members of each private channel at it."""

    def __init__(self, home_id: UUID) -> None:
        self.home_id, self.groups = home_id, (ALL_HOMES, home_group(home_id))
        self.layer: Any = get_channel_layer()
        self.channel_name: str | None = None  # None until the channel layer was reached
        self.position = self.hinted = 0
        self.readers: dict[UUID, set[UUID]] = {}
        self.connections: dict[Connection, None] = {}
        self.revocations = 0  # how often somebody lost the right to listen
        self.presence = Presence()
        self.has_new_presence = False
        self.focuses_to_send: set[UUID] = set()  # whose viewers changed
        self.users_to_count: set[UUID] = set()  # whose unread messages changed
        self.loading = asyncio.create_task(self._load())
        self.listener: asyncio.Task[None] | None = None
        self.reader: asyncio.Task[None] | None = None
        self.sender: asyncio.Task[None] | None = None

    async def _load(self) -> None:
        """Join the group, then read the log's last number, so that no hint is missed in between."""
        await self.join_groups()
        self.listener = asyncio.create_task(self._listen())
        self.position, self.readers = await in_log_thread(queries.state)(self.home_id)

    async def join_groups(self) -> None:
        """Join the group, or renew it: the in-memory layer drops members after a day, and Redis may have restarted."""
        self.channel_name = self.channel_name or await attempt(self.layer.new_channel())
        for group in self.groups if self.channel_name else ():
            await attempt(self.layer.group_add(group, self.channel_name))

    async def leave_groups(self) -> None:
        for task in (self.listener, self.reader, self.sender):
            if task is not None:
                task.cancel()
        await self._report_presence({})
        for group in self.groups if self.channel_name else ():
            await attempt(self.layer.group_discard(group, self.channel_name))

    async def _listen(self) -> None:
        while self.channel_name is None:
            await asyncio.sleep(RETRY_SECONDS)
            await self.join_groups()
        while True:
            try:
                message = await self.layer.receive(self.channel_name)
                getattr(self, f"on_{message['type']}")(*message["args"])
                await asyncio.sleep(0)  # so that clients are written to between two messages
            except Exception:
                log.exception("home %s: a message of its group could not be handled", self.home_id)
                await asyncio.sleep(RETRY_SECONDS)

    def on_revoked(self, credential: str) -> None:
        self.revocations += 1
        for connection in self.connections:
            if credential in connection.session.credentials:
                connection.sign_out()

    def on_transient(self, text: str, audience: str | None, exclude: str | None) -> None:
        """Send a frame to everybody but the user `exclude`, or to the members of the private channel `audience`."""
        self._send(Frame(text), UUID(audience) if audience else None, UUID(exclude) if exclude else None)

    def on_recount(self, *user_ids: str | UUID) -> None:
        self.users_to_count.update(UUID(str(user_id)) for user_id in user_ids)
        self._send_soon()

    def on_presence(self, process: str, users: dict[str, list[str]]) -> None:
        if process != self.channel_name:
            # A process that has just opened the home has no reports yet, so send this one's.
            self.has_new_presence |= bool(users) and process not in self.presence.remote
            changed_users, changed_focuses = self.presence.update(process, users)
            for user_id in changed_users:
                self._presence_changed(user_id)
            self.focuses_to_send |= changed_focuses
            self._send_soon()

    def add(self, connection: Connection, since: int | None) -> None:
        """Send a connection the events after `since`, then all new ones, in order."""
        self.connections[connection] = None
        self.presence.arrive(connection.user_id)
        self._presence_changed(connection.user_id)
        connection.seq = self.position if since is None else since
        if since is not None:
            connection.catching_up = asyncio.create_task(self._catch_up(connection))
            self.on_recount(connection.user_id)
        self._viewers_changed()
        self.on_hint(self.hinted)  # what was hinted while the home was loaded

    def remove(self, connection: Connection) -> None:
        del self.connections[connection]
        self.presence.depart(connection.user_id, connection.focus)
        self._presence_changed(connection.user_id)
        self._viewers_changed(connection.focus)

    def on_hint(self, seq: int) -> None:
        self.hinted = max(self.hinted, seq)
        if self.hinted > self.position and self.reader is None and self.connections:
            self.reader = asyncio.create_task(self._read_log())

    async def _read_log(self) -> None:
        try:
            while self.hinted > self.position:
                events = await in_log_thread(queries.events)(self.home_id, self.position)
                if not events:
                    self.hinted = self.position
                for event in events:
                    await self._deliver(event)
        except Exception:
            log.exception("home %s: reading its log failed; the next sweep tries again", self.home_id)
            self.hinted = self.position
        finally:
            self.reader = None

    async def _deliver(self, event: Event) -> None:
        channel_id, user_id = queries.membership_change(event)
        if event.type == queries.JOINED and user_id:
            self.readers.setdefault(channel_id, set()).add(user_id)
        self.position = event.seq
        DELIVERY.observe((timezone.now() - event.created_at).total_seconds())
        frames = event_frames(event)
        for count, connection in enumerate(list(self.connections), start=1):
            if event.seq > connection.seq and connection.catching_up is None:
                connection.push(frames[self._can_read(connection, event.channel_id)])
            if count % CHUNK == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(0)  # so that all are written to before the next event
        if event.type == queries.LEFT and user_id:
            self.readers.get(channel_id, set()).discard(user_id)
            self._viewers_changed(channel_id)
        if event.type == "member_left":
            self.revocations += 1
            for connection in self.connections:
                if str(connection.user_id) == event.data["member"]["user_id"]:
                    connection.close(REMOVED)
        if any(event.type in app.unread_after for app in live_hooks.registered):
            self.on_recount(*self.presence.local)

    def _can_read(self, connection: Connection, channel_id: UUID | None) -> bool:
        return channel_id is None or connection.user_id in self.readers.get(channel_id, ())

    async def _catch_up(self, connection: Connection) -> None:
        """Send events as fast as the client reads them, until it has caught up."""
        try:
            newest = self.position
            if connection.seq > newest:  # another process has read further, or the home was restored from a backup
                newest = (await in_log_thread(queries.positions)([self.home_id])).get(self.home_id, 0)
                self.on_hint(newest)
            if connection.seq > newest or self.position - connection.seq > MAX_CATCH_UP_EVENTS:
                connection.push(Frame({"type": "resync", "seq": self.position}, self.position))
            while connection.seq < self.position and not connection.is_closed:
                for event in await in_log_thread(queries.events)(self.home_id, connection.seq, upto=self.position):
                    connection.push(event_frames(event)[self._can_read(connection, event.channel_id)])
                    if len(connection.queue) >= MAX_QUEUED_FRAMES // 2:
                        await connection.drain()
        except Exception:
            log.exception("home %s: a client could not catch up", self.home_id)
            connection.close(INTERNAL_ERROR)
        finally:
            connection.catching_up = None

    def _send(self, frame: Frame, audience: UUID | None = None, exclude: UUID | None = None) -> None:
        for connection in self.connections:
            if connection.user_id != exclude and self._can_read(connection, audience):
                connection.push(frame)

    def _presence_changed(self, user_id: UUID) -> None:
        if self.presence.has(user_id):
            self._announce(user_id)
        else:
            asyncio.get_running_loop().call_later(DEPARTURE_SECONDS, self._announce, user_id)

    def _announce(self, user_id: UUID) -> None:
        is_present = self.presence.has(user_id)
        if is_present != (user_id in self.presence.announced):
            self.presence.announced ^= {user_id}
            payload = {"type": "user_joined" if is_present else "user_left", "user_id": user_id}
            self._send(Frame(payload), exclude=user_id)

    def set_focus(self, connection: Connection, focus: UUID | None) -> None:
        """Set a connection's focus. The caller has checked that the member can see it."""
        if connection in self.connections:
            self.presence.arrive(connection.user_id, focus)
            self.presence.depart(connection.user_id, connection.focus)
            old, connection.focus = connection.focus, focus
            self._viewers_changed(old, focus)

    def _viewers_changed(self, *focuses: UUID | None) -> None:
        self.focuses_to_send.update(focus for focus in focuses if focus)
        self.has_new_presence = True
        self._send_soon()

    def refresh_presence(self) -> None:
        """Send this process's presence report, and drop those of dead processes."""
        oldest = time.monotonic() - LIFETIME_SECONDS
        for process in list(self.presence.remote):
            if self.presence.reported_at[process] < oldest:
                self.on_presence(process, {})
        self._viewers_changed()

    def _send_soon(self) -> None:
        if self.sender is None:
            self.sender = asyncio.create_task(self._send_changes())

    async def _send_changes(self) -> None:
        try:
            while self.focuses_to_send or self.users_to_count or self.has_new_presence:
                await asyncio.sleep(SETTLE_SECONDS)
                self._send_viewers()
                if self.has_new_presence:
                    self.has_new_presence = False
                    await self._report_presence(self.presence.report())
                await self._send_unread()
        except Exception:
            log.exception("home %s: what changed could not be sent", self.home_id)
        finally:
            self.sender = None

    def _send_viewers(self) -> None:
        focuses, self.focuses_to_send = self.focuses_to_send, set()
        for focus in focuses:
            viewers = self.presence.looking_at(focus)
            if focus in self.readers:  # a private channel, which somebody may have left
                viewers &= self.readers[focus]
            named = sorted(viewers)[:MAX_NAMED_USERS]
            frame = Frame({"type": "looking", "at": focus, "user_ids": named, "count": len(viewers)})
            for connection in self.connections:
                if connection.focus == focus and connection.user_id in viewers:
                    connection.push(frame)

    async def _report_presence(self, users: dict[str, list[str]]) -> None:
        if settings.REDIS_URL:  # without it there is no other process
            await send(self.groups[1], "presence", self.channel_name, users)

    async def _send_unread(self) -> None:
        users, self.users_to_count = self.users_to_count & set(self.presence.local), set()
        for count_unread in [app.unread_counts for app in live_hooks.registered if app.unread_counts and users]:
            counts = await in_client_thread(count_unread)(self.home_id, users)
            for connection in self.connections:
                by_channel = counts.get(connection.user_id, {})
                for channel_id, number in by_channel.items() - connection.unread.items():
                    payload = {"type": "unread_count", "channel_id": channel_id, "count": number}
                    connection.push(Frame({**payload, "total": sum(by_channel.values())}))
                connection.unread |= by_channel
