"""Factories of users, homes and members, and helpers. The fixtures are in conftest.py."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.test import Client

from homes.accounts.models import User
from homes.actions import accept_invitation, create_home, invite
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from homes.models import Home, Membership

by = Actor.of


def person(name: str) -> User:
    return User.objects.create_user(f"{name.lower()}@example.com", "correct horse battery staple", name=name)


def found_home(founder: User, name: str) -> Membership:
    return create_home(founder, origin=Origin.COMMAND, name=name, timezone="Asia/Bangkok", currency="THB")


def move_in(owner: Membership, name: str) -> Membership:
    """Create a user who joins the home by an invitation link of the owner."""
    _invitation, token = invite(by=by(owner))
    return accept_invitation(token, person(name), origin=Origin.BROWSER)


def sign_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


class Events:
    """Events of the homes since this object was created."""

    def __init__(self) -> None:
        self.marks = dict(Home.objects.values_list("pk", "last_seq"))

    def __call__(self, home: Home) -> list[str]:
        return [event.type for event in self.of(home)]

    def of(self, home: Home) -> list[Event]:
        return list(Event.objects.filter(home=home).after(self.marks.get(home.pk, 0)))


def run_concurrently(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads of their own, each with a connection of its own. Returns their results in the order
    given, and raises the first error of any. Needs `django_db(transaction=True)`."""

    def alone(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(alone, calls))


def names(entries: Iterable[Any]) -> list[str]:
    return sorted(str(entry.item) for entry in entries)
