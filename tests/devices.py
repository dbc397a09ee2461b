"""Simulated devices that queue changes while they are offline.

A device holds the state that it loaded, updated by the events since. Its user's changes form a queue of intents,
which survives a reload, is sent in order and shrinks as results arrive.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.utils import timezone

from homes.models import Home, Membership
from tests.api.client import ApiClient
from tests.state import State


@dataclass
class Clock:
    """Replacement for `timezone.now` that advances a second with each call."""

    now: datetime = datetime.fromisoformat("2026-03-14T10:00:00+00:00")

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Device:
    member: Membership
    skew: timedelta
    queue: list[dict[str, Any]] = field(default_factory=list)
    state: State = field(default_factory=State)
    seq: int = 0
    results: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = ApiClient(self.member)
        self.load()

    @property
    def now(self) -> datetime:
        return timezone.now() + self.skew

    def load(self) -> None:
        """Reload the page: fetch the state. The queue survives, because it is stored in the browser's database."""
        self.queue = json.loads(json.dumps(self.queue))
        self.seq = Home.objects.values_list("last_seq", flat=True).get(pk=self.member.home_id)
        self.state = State.fetched(self.member.home_id)

    def catch_up(self) -> None:
        """Apply the events since the last one."""
        while True:
            page = self.client.get(f"events?after={self.seq}&limit=50").json()
            for frame in page["results"]:
                assert frame["seq"] == self.seq + 1
                self.state.apply(SimpleNamespace(channel_id=None, **frame))
                self.seq = frame["seq"]
            if page["next"] is None:
                return

    def queue_intent(self, op_id: UUID, kind: str, seen: int | None, **data: Any) -> None:
        meant_at = self.now.isoformat()
        self.queue.append({"op_id": str(op_id), "kind": kind, "meant_at": meant_at, "seen": seen, "data": data})

    def request_body(self, limit: int) -> dict[str, Any]:
        """Return the request that sends the first intents of the queue."""
        return {"now": self.now.isoformat(), "by": str(self.member.user_id), "intents": self.queue[:limit]}

    def receive(self, results: list[dict[str, Any]]) -> None:
        """Store results and shorten the queue. Fails if a repeated result differs from the first one."""
        for each in results:
            assert self.results.setdefault(each["op_id"], each) == each
        self.queue = [intent for intent in self.queue if intent["op_id"] not in self.results]
