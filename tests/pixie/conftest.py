"""Talking with Pixie, and being answered."""

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid5

import pytest
from django.utils import timezone

from chat.actions import open_assistant, send_message
from chat.models import Channel, Message
from homes.models import Agent, Membership
from pixie.actions import schedule_message
from pixie.actions.schedules import fire_due
from pixie.llm import clients
from pixie.models import ModelPrice, Run, ScheduledMessage
from pixie.runs import llm_loop, queue
from tests.factories import by
from tests.pixie import providers

BINS = "Remind us: take the bins out"


@pytest.fixture
def talk(nok: Membership, pixie: Agent) -> Channel:
    """Nok's own talk with Pixie."""
    return open_assistant(pixie, by=by(nok))


@pytest.fixture
def tell(nok: Membership, talk: Channel) -> Callable[..., Message]:
    """`tell("We need eggs")`: what Pixie says to it."""

    def say(text: str, *, who: Membership = nok, where: Channel = talk, parent: Message | None = None) -> Message:
        asked = send_message(where, text, by=by(who), parent=parent)
        queue.process_home(asked.home_id)
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
        monkeypatch.setattr(llm_loop, "RETRY_SECONDS", (0.01,))
        hundred = Decimal(100)
        for model in settings.PIXIE_MODELS.values():
            prices = {"input": hundred, "output": hundred, "cache_read": hundred, "cache_write": hundred}
            ModelPrice.objects.update_or_create(model=model, defaults=prices)
        yield server
        clients.get_client.cache_clear()


# The clock


@pytest.fixture
def later(nok: Membership, general: Channel) -> Callable[..., ScheduledMessage]:
    """`later("09:00")`: a reminder for today at that hour, in the open room; `later("09:00", rrule=…)`."""

    def schedule(hour: str, prompt: str = BINS, **fields: Any) -> ScheduledMessage:
        at = nok.home.now().replace(hour=int(hour[:2]), minute=int(hour[3:]), second=0, microsecond=0)
        return schedule_message(prompt, at, by=fields.pop("by", by(nok)), **{"channel": general, **fields})

    return schedule


@pytest.fixture
def sunday(freeze_time: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said is said by this clock, too."""
    made: Any = Message._meta.get_field("created_at")
    assert made._get_default() is not None  # kept on the field from now on
    monkeypatch.setitem(made.__dict__, "_get_default", lambda: timezone.now())
    freeze_time("2026-03-29 12:00")


def pass_time() -> int:
    """What beat and worker do."""
    homes = fire_due(timezone.now())
    for home_id in homes:
        queue.process_home(home_id)
    return len(homes)
