"""Fixtures for chats with Pixie, language models and schedules."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid5

import pytest
from django.utils import timezone

from chat.actions import open_assistant, send_message
from chat.models import Channel, Message
from groceries.models import GroceryList
from homes.models import Agent, Membership
from pixie.actions import schedule_message
from pixie.actions.schedules import fire_due
from pixie.llm import clients
from pixie.models import ModelPrice, Run, ScheduledMessage
from pixie.runs import llm_loop
from tests.factories import by
from tests.pixie import providers
from tests.pixie.runs import process_home

BINS = "Remind us: take the bins out"


@pytest.fixture
def agent_chat(nok: Membership, pixie: Agent) -> Channel:
    """Nok's private chat with Pixie."""
    return open_assistant(pixie, by=by(nok))


@pytest.fixture
def request_for_eggs(nok: Membership, weekly: GroceryList, agent_chat: Channel) -> Message:
    """A message to Pixie that is not enqueued yet."""
    return send_message(agent_chat, "We need eggs", by=by(nok))


@pytest.fixture
def tell(nok: Membership, agent_chat: Channel) -> Callable[..., Message]:
    """Return a function that sends a message and returns Pixie's answer: `tell("We need eggs")`."""

    def send(
        text: str,
        *,
        who: Membership = nok,
        where: Channel = agent_chat,
        parent: Message | None = None,
        route: str = "auto",
    ) -> Message:
        message = send_message(where, text, by=by(who), parent=parent, metadata={"route": route})
        process_home(message.home_id)
        return answer_to(message)

    return send


def answer_to(message: Message) -> Message:
    """Return the answer to a message."""
    run = Run.objects.get(trigger_message=message)
    return Message.objects.select_related("channel").get(pk=uuid5(run.pk, "answer"))


@pytest.fixture
def provider(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[providers.Provider]:
    """Configure a local Anthropic server as the model provider. Each token costs a hundredth of a cent."""
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


@pytest.fixture(params=["anthropic", "compatible"])
def any_provider(
    request: pytest.FixtureRequest, provider: providers.Provider, settings: Any
) -> Iterator[providers.Provider]:
    """Configure a local server of each protocol, one after the other."""
    if request.param == "anthropic":
        yield provider
        return
    with providers.OpenAI() as server:
        settings.PIXIE_MODEL_URL, settings.PIXIE_MODEL_KEY = server.url, "sk-of-the-server"
        yield server


# The clock


@pytest.fixture
def later(nok: Membership, general: Channel) -> Callable[..., ScheduledMessage]:
    """Return a function that schedules a reminder in the first room, today at a time: `later("09:00", rrule=…)`."""

    def schedule(hour: str, prompt: str = BINS, **fields: Any) -> ScheduledMessage:
        at = nok.home.now().replace(hour=int(hour[:2]), minute=int(hour[3:]), second=0, microsecond=0)
        return schedule_message(prompt, at, by=fields.pop("by", by(nok)), **{"channel": general, **fields})

    return schedule


@pytest.fixture
def sunday(freeze_time: Callable[[str], datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    """Freeze the time on the Sunday of the clock change, for the creation time of messages too."""
    created_at: Any = Message._meta.get_field("created_at")
    assert created_at._get_default() is not None  # cached on the field by this call
    monkeypatch.setitem(created_at.__dict__, "_get_default", lambda: timezone.now())
    freeze_time("2026-03-29 12:00")


def run_due_schedules() -> int:
    """Run due schedules as Celery beat and a worker do. Returns the number of homes with due ones."""
    homes = fire_due(timezone.now())
    for home_id in homes:
        process_home(home_id)
    return len(homes)


@pytest.fixture(params=["anthropic", "compatible"])
def wire(request):
    """A server and a model client, `(server, model)`, for each protocol."""
    from pixie.llm.anthropic import Anthropic  # these load the providers' packages
    from pixie.llm.compatible import Compatible

    is_anthropic = request.param == "anthropic"
    server = providers.Anthropic() if is_anthropic else providers.OpenAI()
    with server, closing(Anthropic("sk", server.url) if is_anthropic else Compatible("sk", server.url)) as model:
        yield server, model
