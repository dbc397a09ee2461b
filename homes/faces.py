"""The small pictures of whoever lives in a home."""

from functools import lru_cache
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from homes.models import Agent, Home, Membership


def faces(home: Home, *, agents: bool = True) -> dict[UUID, SafeString]:
    """By user id and, if asked for, by agent id. Who left has none. A query each."""
    people = Membership.objects.filter(home=home).values_list("user", "user__name", "number")
    drawn = {user: _person(name, number) for user, name, number in people}
    if agents:
        known = home.agents.values_list("pk", "display_name", "avatar_color")
        drawn |= {agent: _agent(name, colour) for agent, name, colour in known}
    return drawn


@lru_cache(maxsize=1024)
def _person(name: str, number: int) -> SafeString:
    person = {"name": name, "colour": Membership(number=number).colour}
    return render_to_string("_avatar.html", {"person": person, "size": "s", "labelled": True})


@lru_cache(maxsize=256)
def _agent(name: str, colour: str) -> SafeString:
    agent = Agent(display_name=name, avatar_color=colour)
    return render_to_string("_avatar.html", {"agent": agent, "size": "s", "labelled": True})
