"""Talking with Pixie, and being answered."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid5

import pytest

from chat.actions import open_assistant, send_message
from chat.models import Channel, Message
from homes.models import Agent, Membership
from pixie import mailbox, thinking
from pixie.llm import access
from pixie.models import ModelPrice, Run
from tests.cast import by
from tests.pixie import providers


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


@pytest.fixture
def provider(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[providers.Provider]:
    """The server has a key for Anthropic, who is this one here. Each token costs a hundredth of a cent."""
    with providers.Anthropic() as server:
        settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = "sk-of-the-server", server.url
        settings.PIXIE_MODELS = {"small": "tiny", "normal": "middling", "large": "huge"}
        monkeypatch.setattr(thinking, "PAUSES", (0.01,))
        hundred = Decimal(100)
        for model in settings.PIXIE_MODELS.values():
            prices = {"input": hundred, "output": hundred, "cache_read": hundred, "cache_write": hundred}
            ModelPrice.objects.update_or_create(model=model, defaults=prices)
        yield server
        access.close_all()
