"""Who has a home open now, and what they look at. Kept in memory only: it is not in the log and may be lost."""

from collections import Counter
from collections.abc import Iterable, Mapping
from uuid import UUID

Place = UUID  # what somebody looks at: a list, a channel
Report = dict[UUID, frozenset[Place]]  # by person: what they look at, through one process


class Presence:
    """Of one home: the people whose connections this process holds, and those that others reported.

    A person with several tabs, devices or processes is one person.
    """

    __slots__ = ("mine", "others", "shown")

    def __init__(self) -> None:
        self.mine: dict[UUID, Counter[Place | None]] = {}
        self.others: dict[str, Report] = {}
        self.shown: set[UUID] = set()  # who the clients know to be here

    def has(self, user_id: UUID) -> bool:
        return user_id in self.mine or any(user_id in report for report in self.others.values())

    def arrive(self, user_id: UUID) -> None:
        self.mine.setdefault(user_id, Counter())[None] += 1

    def depart(self, user_id: UUID, place: Place | None) -> None:
        places = self.mine[user_id]
        places[place] -= 1
        if not places[place]:
            del places[place]
        if not places:
            del self.mine[user_id]

    def move(self, user_id: UUID, old: Place | None, new: Place | None) -> None:
        self.mine[user_id][new] += 1
        self.depart(user_id, old)

    def looking_at(self, place: Place) -> set[UUID]:
        here = {user_id for user_id, places in self.mine.items() if place in places}
        return here.union(
            *({user for user, places in report.items() if place in places} for report in self.others.values())
        )

    def report(self) -> dict[str, list[str]]:
        """What other processes are told of this one."""
        return {str(user): [str(place) for place in places if place] for user, places in self.mine.items()}

    def hear(self, process: str, report: Mapping[str, Iterable[str]]) -> tuple[set[UUID], set[Place]]:
        """Another process said who it serves. Returns the people and the places for whom that may change something."""
        new = {UUID(user): frozenset(map(UUID, places)) for user, places in report.items()}
        old = self.others.get(process, {})
        if new:
            self.others[process] = new
        else:
            self.others.pop(process, None)
        people = {user for user in new.keys() | old.keys() if new.get(user) != old.get(user)}
        nowhere: frozenset[Place] = frozenset()
        places = {place for user in people for place in new.get(user, nowhere) ^ old.get(user, nowhere)}
        return people, places
