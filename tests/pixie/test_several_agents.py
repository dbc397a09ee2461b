"""Several agents in a home: mentions, turns and sleeping agents."""

import pytest

from chat.actions import open_assistant, send_message
from chat.models import Message
from groceries.models import ListEntry
from pixie.actions import change_agent, create_agent
from pixie.models import Run, RunStatus
from pixie.runs import queue, runner
from tests.factories import by, names
from tests.pixie.runs import MODEL_REQUEST, agent_messages


@pytest.fixture
def goblin(nok, pixie):
    return create_agent("Goblin", by=by(nok))


# Mentions


def mentioned_agents(text, where, member):
    """Send a message. Returns the names of the agents that get runs for it, in order."""
    message = send_message(where, text, by=by(member))
    queue.enqueue_runs(member.home_id)
    return [run.agent.display_name for run in Run.objects.filter(trigger_message=message).order_by("pk")]


def test_agent_is_mentioned_by_its_name_or_slug(nok, pixie, general):
    create_agent("Goblin (the cook)", by=by(nok))
    assert mentioned_agents("Goblin (the cook), soup!", general, nok) == ["Goblin (the cook)"]
    assert mentioned_agents("@goblin-the-cook soup!", general, nok) == ["Goblin (the cook)"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@goblin @pixie hello", ["Goblin", "Pixie"]),
        ("Pixie and Goblin, hello, Pixie", ["Pixie", "Goblin"]),
        ("GOBLIN?", ["Goblin"]),
        ("@แม่บ้าน ไข่", ["แม่บ้าน"]),
        ("@goblin king, soup", ["Goblin King"]),
        ("Goblin King and Goblin", ["Goblin King", "Goblin"]),
        ("goblins", []),
        ("@ben hello", []),
    ],
)
def test_mentioned_agents_get_runs_in_order(nok, goblin, general, text, names):
    for name in ("แม่บ้าน", "Goblin King"):
        create_agent(name, by=by(nok))
    assert mentioned_agents(text, general, nok) == names


def test_only_the_agent_of_a_chat_answers_there(nok, agent_chat, goblin):
    assert mentioned_agents("Goblin, soup", agent_chat, nok) == ["Pixie"]
    assert mentioned_agents("Pixie, soup", open_assistant(goblin, by=by(nok)), nok) == ["Goblin"]


def test_new_agent_does_not_answer_earlier_messages(nok, general, pixie):
    send_message(general, "Goblin, where are you?", by=by(nok))
    create_agent("Goblin", by=by(nok))
    assert queue.process_home(nok.home_id) == 0


def test_agents_do_not_answer_each_other(nok, pixie, goblin, general, monkeypatch):
    """Check that each agent answers the member once, even if the answers mention agents."""
    monkeypatch.setattr(runner.answers, "compose", lambda *_args: "@goblin @pixie what do you think?")
    send_message(general, "@pixie and @goblin, hello", by=by(nok))
    assert queue.process_home(nok.home_id) == 2
    assert queue.process_home(nok.home_id) == 0
    assert queue.homes_with_work() == set()
    assert len(agent_messages()) == 2


# Sleeping agents


@pytest.fixture
def sleeping_goblin(nok, goblin):
    return change_agent(goblin, by=by(nok), is_active=False)


def test_sleeping_agent_says_so_once_in_each_channel(nok, ben, pixie, sleeping_goblin, general, weekly):
    for member in (nok, ben, nok):
        send_message(general, "Goblin, we need eggs", by=by(member))
    send_message(open_assistant(sleeping_goblin, by=by(nok)), "We need eggs", by=by(nok))
    queue.process_home(nok.home_id)
    assert agent_messages() == ["I'm asleep, so I didn't do anything. An owner can wake me in the settings."] * 2
    assert not weekly.entries.exists()
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}
    assert queue.homes_with_work() == set()


def test_woken_agent_answers_later_messages_only(nok, sleeping_goblin, general, weekly):
    send_message(general, "Goblin, we need eggs", by=by(nok))
    queue.process_home(nok.home_id)
    change_agent(sleeping_goblin, by=by(nok), is_active=True)
    send_message(general, "Goblin, we need milk", by=by(nok))
    queue.process_home(nok.home_id)
    assert names(weekly.entries.all()) == ["Milk"]
    change_agent(sleeping_goblin, by=by(nok), is_active=False)
    send_message(general, "Goblin, we need tea", by=by(nok))
    queue.process_home(nok.home_id)
    assert [body.startswith("I'm asleep") for body in agent_messages()] == [True, False, True]


def test_waiting_run_of_a_sleeping_agent_is_cancelled(nok, pixie, goblin, general, weekly):
    send_message(general, "Goblin, we need eggs", by=by(nok))
    queue.enqueue_runs(nok.home_id)
    change_agent(goblin, by=by(nok), is_active=False)
    queue.process_home(nok.home_id)
    assert not weekly.entries.exists()
    assert agent_messages()[0].startswith("I'm asleep")


# Turns


def test_two_agents_process_messages_concurrently(nok, pixie, goblin, general):
    for name in ("Pixie", "Goblin"):
        send_message(general, f"{name}, hello", by=by(nok))
    queue.enqueue_runs(nok.home_id)
    assert [queue.claim_run(each) is not None for each in (pixie, goblin)] == [True, True]


def test_agents_process_one_message_in_turn(nok, pixie, goblin, general):
    send_message(general, "@goblin and @pixie, hello", by=by(nok))
    send_message(general, "@pixie and you?", by=by(nok))
    queue.enqueue_runs(nok.home_id)
    assert queue.claim_run(pixie) is None
    runner.perform(queue.claim_run(goblin))
    assert queue.claim_run(pixie).trigger_message.body == "@goblin and @pixie, hello"


def test_agent_does_not_wait_for_the_model_of_another(nok, pixie, goblin, general, weekly, provider):
    send_message(general, f"@goblin and @pixie, {MODEL_REQUEST}", by=by(nok))
    send_message(general, "@pixie, we need milk", by=by(nok))
    assert queue.process_home(nok.home_id) == 1
    assert names(weekly.entries.all()) == ["Milk"]
    runs = [queue.perform_model_run(nok.home_id) for _time in range(2)]
    assert [run.agent for run in runs] == [goblin, pixie]


def test_mentioned_agents_answer_once_in_order(nok, pixie, goblin, general, weekly):
    send_message(general, "@goblin and @pixie, what is on the list?", by=by(nok))
    assert queue.process_home(nok.home_id) == 2
    messages = Message.objects.filter(author_agent__isnull=False).order_by("seq")
    assert [(each.author_agent, each.body) for each in messages] == [
        (goblin, "There's nothing left to get on Weekly shop."),
        (pixie, "There's nothing left to get on Weekly shop."),
    ]


def test_request_to_two_agents_is_done_once(nok, pixie, goblin, general, weekly):
    send_message(general, "@goblin and @pixie, add 2 lemons and milk", by=by(nok))
    queue.process_home(nok.home_id)
    assert sorted(str(entry) for entry in weekly.entries.all()) == ["Lemons (2 piece)", "Milk (1 piece)"]
    first, second = Message.objects.filter(author_agent__isnull=False).order_by("seq")
    assert first.body == second.body
    assert [len(first.metadata["receipt"]["events"]), second.metadata["receipt"]] == [2, None]
    send_message(general, "@goblin and @pixie, I got the milk", by=by(nok))
    queue.process_home(nok.home_id)
    assert ListEntry.objects.filter(state="purchased").count() == 1
