"""Several agents of a home: who is spoken to, in whose turn, and what those say who sleep."""

import pytest

from chat.actions import open_assistant, send_message
from chat.models import Message
from groceries.models import ListEntry
from pixie.actions import change_agent, create_agent
from pixie.models import Run, RunStatus
from pixie.runs import queue, runner
from tests.factories import by, names


@pytest.fixture
def goblin(nok, pixie):
    return create_agent("Goblin", by=by(nok))


def said_by_agents():
    return [message.body for message in Message.objects.filter(author_agent__isnull=False).order_by("seq")]


# Who is spoken to


def spoken_to(text, where, who):
    """By what name each is called who gets a run for it, in that order."""
    message = send_message(where, text, by=by(who))
    queue.enqueue_runs(who.home_id)
    return [run.agent.display_name for run in Run.objects.filter(trigger_message=message).order_by("pk")]


def test_another_agent_is_called_by_its_own_name(nok, pixie, general):
    create_agent("Goblin (the cook)", by=by(nok))
    assert spoken_to("Goblin (the cook), soup!", general, nok) == ["Goblin (the cook)"]
    assert spoken_to("@goblin-the-cook soup!", general, nok) == ["Goblin (the cook)"]


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
def test_several_are_spoken_to_in_the_order_in_which_they_are_named(nok, goblin, general, text, names):
    for name in ("แม่บ้าน", "Goblin King"):
        create_agent(name, by=by(nok))
    assert spoken_to(text, general, nok) == names


def test_in_a_talk_its_own_agent_answers_and_no_other(nok, talk, goblin):
    assert spoken_to("Goblin, soup", talk, nok) == ["Pixie"]
    assert spoken_to("Pixie, soup", open_assistant(goblin, by=by(nok)), nok) == ["Goblin"]


def test_who_came_later_reads_nothing_of_before(nok, general, pixie):
    send_message(general, "Goblin, where are you?", by=by(nok))
    create_agent("Goblin", by=by(nok))
    assert queue.process_home(nok.home_id) == 0


def test_agents_do_not_keep_each_other_going(nok, pixie, goblin, general, monkeypatch):
    """Whatever they say, and whomever they name in it: one answer each, to the person."""
    monkeypatch.setattr(runner.answers, "compose", lambda *_args: "@goblin @pixie what do you think?")
    send_message(general, "@pixie and @goblin, hello", by=by(nok))
    assert queue.process_home(nok.home_id) == 2
    assert queue.process_home(nok.home_id) == 0
    assert queue.homes_with_work() == set()
    assert len(said_by_agents()) == 2


# Those who sleep


@pytest.fixture
def asleep(nok, goblin):
    return change_agent(goblin, by=by(nok), is_active=False)


def test_one_that_sleeps_says_so_once_in_each_room(nok, ben, pixie, asleep, general, weekly):
    for who in (nok, ben, nok):
        send_message(general, "Goblin, we need eggs", by=by(who))
    send_message(open_assistant(asleep, by=by(nok)), "We need eggs", by=by(nok))
    queue.process_home(nok.home_id)
    assert said_by_agents() == ["I'm asleep, so I didn't do anything. An owner can wake me in the settings."] * 2
    assert not weekly.entries.exists()
    assert set(Run.objects.values_list("status", flat=True)) == {RunStatus.CANCELLED}
    assert queue.homes_with_work() == set()


def test_one_that_woke_answers_what_is_said_from_then_on(nok, asleep, general, weekly):
    send_message(general, "Goblin, we need eggs", by=by(nok))
    queue.process_home(nok.home_id)
    change_agent(asleep, by=by(nok), is_active=True)
    send_message(general, "Goblin, we need milk", by=by(nok))
    queue.process_home(nok.home_id)
    assert names(weekly.entries.all()) == ["Milk"]
    change_agent(asleep, by=by(nok), is_active=False)
    send_message(general, "Goblin, we need tea", by=by(nok))
    queue.process_home(nok.home_id)
    assert [said.startswith("I'm asleep") for said in said_by_agents()] == [True, False, True]


def test_what_waited_when_it_was_put_to_sleep_is_not_done(nok, pixie, goblin, general, weekly):
    send_message(general, "Goblin, we need eggs", by=by(nok))
    queue.enqueue_runs(nok.home_id)
    change_agent(goblin, by=by(nok), is_active=False)
    queue.process_home(nok.home_id)
    assert not weekly.entries.exists()
    assert said_by_agents()[0].startswith("I'm asleep")


# In turn


def test_two_agents_work_side_by_side(nok, pixie, goblin, general):
    for name in ("Pixie", "Goblin"):
        send_message(general, f"{name}, hello", by=by(nok))
    queue.enqueue_runs(nok.home_id)
    assert [queue.claim_run(each) is not None for each in (pixie, goblin)] == [True, True]


def test_on_one_message_the_second_waits_for_the_first(nok, pixie, goblin, general):
    send_message(general, "@goblin and @pixie, hello", by=by(nok))
    send_message(general, "@pixie and you?", by=by(nok))
    queue.enqueue_runs(nok.home_id)
    assert queue.claim_run(pixie) is None
    runner.perform(queue.claim_run(goblin))
    assert queue.claim_run(pixie).trigger_message.body == "@goblin and @pixie, hello"


def test_each_answers_once_and_in_order(nok, pixie, goblin, general, weekly):
    send_message(general, "@goblin and @pixie, what is on the list?", by=by(nok))
    assert queue.process_home(nok.home_id) == 2
    said = Message.objects.filter(author_agent__isnull=False).order_by("seq")
    assert [(each.author_agent, each.body) for each in said] == [
        (goblin, "There's nothing left to get on Weekly shop."),
        (pixie, "There's nothing left to get on Weekly shop."),
    ]


def test_what_both_are_asked_is_done_once_and_told_by_both(nok, pixie, goblin, general, weekly):
    send_message(general, "@goblin and @pixie, add 2 lemons and milk", by=by(nok))
    queue.process_home(nok.home_id)
    assert sorted(str(entry) for entry in weekly.entries.all()) == ["Lemons (2 piece)", "Milk (1 piece)"]
    first, second = Message.objects.filter(author_agent__isnull=False).order_by("seq")
    assert first.body == second.body
    assert [len(first.metadata["receipt"]["events"]), second.metadata["receipt"]] == [2, None]
    send_message(general, "@goblin and @pixie, I got the milk", by=by(nok))
    queue.process_home(nok.home_id)
    assert ListEntry.objects.filter(state="purchased").count() == 1
