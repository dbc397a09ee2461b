"""Pixie moves in with every home."""

from django.utils.translation import gettext as _

from chat.actions import open_assistant
from homes.actors import Actor
from homes.models import Agent
from pixie.actions import found_blocks

SLUG = "pixie"


def furnish_pixie(by: Actor) -> None:
    """The agent, and a talk with it for whoever founds the home."""
    pixie = Agent.objects.create(
        home=by.home, slug=SLUG, display_name="Pixie", title=_("Steward of the home"), mail_seq=by.home.last_seq
    )
    found_blocks(pixie, by=by)
    if by.user is not None:
        open_assistant(pixie, by=by)
