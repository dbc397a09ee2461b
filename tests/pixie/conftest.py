"""Talking with Pixie, and being answered."""

from collections.abc import Callable
from uuid import uuid5

import pytest

from chat.actions import open_assistant, send_message
from chat.models import Channel, Message
from homes.models import Agent, Membership
from pixie import mailbox
from pixie.models import Run
from tests.cast import by


@pytest.fixture
def talk(nok: Membership, pixie: Agent) -> Channel:
    """Nok's own talk with Pixie."""
    return open_assistant(pixie, by=by(nok))


@pytest.fixture
def tell(nok: Membership, talk: Channel) -> Callable[..., Message]:
    """`tell("We need eggs")`: what Pixie says to it."""

    def say(text: str, *, who: Membership = nok, where: Channel = talk, parent: Message | None = None) -> Message:
        asked = send_message(where, text, by=by(who), parent=parent)
        mailbox.read(asked.home_id)
        return answer_to(asked)

    return say


def answer_to(asked: Message) -> Message:
    run = Run.objects.get(trigger_message=asked)
    return Message.objects.select_related("channel").get(pk=uuid5(run.pk, "answer"))
