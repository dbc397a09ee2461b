"""Phones that go on without a signal, and a network that loses, doubles and delays.

A phone knows the home from what it loaded and the events that it heard since. What its person does is a queue of
intents, which lives through a reload; it is sent in order, and shrinks as answers come.
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
    """Stands in for `timezone.now`: every look at it is a second later."""

    now: datetime = datetime.fromisoformat("2026-03-14T10:00:00+00:00")

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass
class Phone:
    member: Membership
    skew: timedelta
    queue: list[dict[str, Any]] = field(default_factory=list)
    state: State = field(default_factory=State)
    seq: int = 0
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.program = ApiClient(self.member)
        self.load()

    @property
    def now(self) -> datetime:
        return timezone.now() + self.skew

    def load(self) -> None:
        """The page anew. Of what it knew the queue is left, as it lies in the browser's database."""
        self.queue = json.loads(json.dumps(self.queue))
        self.seq = Home.objects.values_list("last_seq", flat=True).get(pk=self.member.home_id)
        self.state = State.fetched(self.member.home_id)

    def listen(self) -> None:
        while True:
            page = self.program.get(f"events?after={self.seq}&limit=50").json()
            for frame in page["results"]:
                assert frame["seq"] == self.seq + 1
                self.state.hear(SimpleNamespace(channel_id=None, **frame))
                self.seq = frame["seq"]
            if page["next"] is None:
                return

    def does(self, op_id: UUID, kind: str, seen: int | None, **said: Any) -> None:
        meant_at = self.now.isoformat()
        self.queue.append({"op_id": str(op_id), "kind": kind, "meant_at": meant_at, "seen": seen, "data": said})

    def sends(self, most: int) -> dict[str, Any]:
        return {"now": self.now.isoformat(), "by": str(self.member.user_id), "intents": self.queue[:most]}

    def hears(self, results: list[dict[str, Any]]) -> None:
        """An answer. One op_id has one answer, however often it comes."""
        for each in results:
            assert self.answers.setdefault(each["op_id"], each) == each
        self.queue = [intent for intent in self.queue if intent["op_id"] not in self.answers]
