"""One home in this process: how far its log was read, who listens, who may read what, who is here."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from homes.connection import Connection
from homes.frames import Frame, Logged
from homes.presence import Place, Presence

CATCH_UP = 1000  # events: one who is further behind loads the state again
MOST_FACES = 20  # people named as looking at something; how many there are is told, too


@dataclass(slots=True, eq=False)
class HomeStream:
    home_id: UUID
    ready: asyncio.Future[None]
    position: int = 0
    floor: int = 0  # the frames kept begin after this number
    frames: deque[Logged] = field(default_factory=lambda: deque(maxlen=CATCH_UP))
    connections: dict[Connection, None] = field(default_factory=dict)
    audiences: dict[UUID, set[UUID]] = field(default_factory=dict)
    here: Presence = field(default_factory=Presence)
    stirred: set[Place] = field(default_factory=set)  # where somebody came or went, and nobody was told yet
    unread: dict[UUID, dict[UUID, int]] = field(default_factory=dict)  # what each person was told last, by channel
    recount: set[UUID] = field(default_factory=set)  # whose unread messages are to be counted again
    uncounted: set[Connection] = field(default_factory=set)  # clients that know no count yet
    counting: asyncio.Task[None] | None = None
    joining: int = 0  # who is catching up, and no connection yet
    wanted: int = 0
    reader: asyncio.Task[None] | None = None

    def may_read(self, user_id: UUID, audience: UUID | None) -> bool:
        return audience is None or user_id in self.audiences.get(audience, ())

    def for_user(self, event: Logged, user_id: UUID) -> Frame:
        return event.frame if self.may_read(user_id, event.audience) else event.hidden

    def keep(self, event: Logged) -> None:
        if len(self.frames) == CATCH_UP:
            self.floor = self.frames[0].seq
        self.frames.append(event)
        self.position = event.seq

    def tell(self, said: dict[str, Any], *, audience: UUID | None = None, but: UUID | None = None) -> None:
        """Send what is not in the log to everybody, or to those who may read the private channel `audience`."""
        frame = Frame(said)
        for connection in list(self.connections):
            if connection.user_id != but and self.may_read(connection.user_id, audience):
                connection.push(frame)

    def came(self, user_id: UUID) -> None:
        if user_id not in self.here.shown:
            self.here.shown.add(user_id)
            self.tell({"type": "user_joined", "user_id": user_id}, but=user_id)

    def gone(self, user_id: UUID) -> None:
        """Unless they are back, or have another tab."""
        if user_id in self.here.shown and not self.here.has(user_id):
            self.here.shown.discard(user_id)
            self.unread.pop(user_id, None)
            self.tell({"type": "user_left", "user_id": user_id})

    def tell_who_looks(self) -> None:
        """To those who look at the same: at the places where that changed."""
        places, self.stirred = self.stirred, set()
        frames: dict[Place, Frame] = {}
        for connection in list(self.connections):
            place = connection.at
            if place in places:
                if place not in frames:
                    here = sorted(self.here.looking_at(place))
                    said = {"type": "looking", "at": place, "user_ids": here[:MOST_FACES], "count": len(here)}
                    frames[place] = Frame(said)
                connection.push(frames[place])

    def tell_unread(self, counted: dict[UUID, dict[UUID, int]], newcomers: set[Connection]) -> None:
        """Each their own counts: newcomers all of them, the others those that are other than they were told."""
        known, self.unread = self.unread, {**self.unread, **counted}
        frames: dict[tuple[UUID, UUID], Frame] = {}
        for connection in list(self.connections):
            counts = counted.get(connection.user_id)
            if counts is None:
                continue
            told = {} if connection in newcomers else known.get(connection.user_id, {})
            for channel_id, count in counts.items():
                if told.get(channel_id) != count:
                    key = connection.user_id, channel_id
                    if key not in frames:
                        total = sum(counts.values())
                        frames[key] = Frame(
                            {"type": "unread_count", "channel_id": channel_id, "count": count, "total": total}
                        )
                    connection.push(frames[key])
