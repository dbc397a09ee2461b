"""Presence: the users who have a home open, and the list or channel they look at. In memory only."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

LIFETIME_SECONDS = 45  # after which a process without reports counts as dead


class Presence:
    """The users of one home, by their focus: the list or channel on their screen.

    A user with several tabs, devices or processes is one user.
    """

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
        counts = self.local[user_id]
        counts[focus] -= 1
        if not counts[focus]:
            del counts[focus]
        if not counts:
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

    def dead_processes(self) -> list[str]:
        oldest = time.monotonic() - LIFETIME_SECONDS
        return [process for process in self.remote if self.reported_at[process] < oldest]
