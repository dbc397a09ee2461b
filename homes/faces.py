"""The small pictures of whoever lives in a home, drawn once a page."""

from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from homes.models import Agent, Home, Membership


def faces(home: Home, size: str = "s") -> dict[UUID, SafeString]:
    """By user id and by agent id. Who left has none. Two queries."""
    people = Membership.objects.filter(home=home).select_related("user")
    drawn = {
        person.user_id: render_to_string("_avatar.html", {"person": person, "size": size, "labelled": True})
        for person in people
    }
    for agent in Agent.objects.filter(home=home):
        drawn[agent.pk] = render_to_string("_avatar.html", {"agent": agent, "size": size, "labelled": True})
    return drawn
