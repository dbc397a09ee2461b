"""Pixie moves in with every home."""

from django.utils.translation import gettext as _

from chat.actions import open_assistant
from homes.events.actor import Actor
from pixie.actions import create_agent


def furnish_pixie(by: Actor) -> None:
    """The agent, and a talk with it for whoever founds the home."""
    pixie = create_agent("Pixie", by=by, title=_("Steward of the home"))
    if by.user is not None:
        open_assistant(pixie, by=by)
