"""The pages of the home's agents."""

import pytest
from django.urls import reverse

from chat.actions import open_assistant, send_message
from homes.models import Agent
from pixie.actions import change_agent, create_agent
from tests.cast import by
from tests.counting import queries_of

SAID = {
    "display_name": "Chef", "title": "Plans the meals", "avatar_color": "clay", "system_prompt": "Spicy.", "model": "",
    "max_turns": 5, "max_budget_usd": "0.25", "monthly_budget_usd": "4", "version": 1,
}  # fmt: skip


@pytest.fixture
def at(nok):
    """`at("agent", chef)`: the address of that page."""
    return lambda name, *agents: reverse(f"pixie:{name}", args=[nok.home_id, *(agent.pk for agent in agents)])


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok))


def test_everybody_sees_who_helps_here(nok, ben, chef, at, sign_in):
    html = sign_in(ben).get(at("agents")).text
    assert "@pixie" in html and "@chef" in html
    assert "New agent" not in html
    assert "New agent" in sign_in(nok).get(at("agents")).text


def test_more_agents_cost_no_more_queries(nok, chef, at, sign_in):
    client = sign_in(nok)
    few = queries_of(lambda: client.get(at("agents")))
    for number in range(5):
        create_agent(f"Imp {number}", by=by(nok))
    assert queries_of(lambda: client.get(at("agents"))) == few


def test_an_owner_lets_one_move_in(nok, pixie, at, sign_in):
    client = sign_in(nok)
    assert client.get(at("new_agent")).status_code == 200
    answer = client.post(at("new_agent"), SAID, follow=True)
    chef = Agent.objects.get(slug="chef")
    assert answer.redirect_chain[-1][0] == at("agent", chef)
    assert (chef.title, chef.avatar_color, chef.max_turns, str(chef.max_budget_usd)) == (
        "Plans the meals", "clay", 5, "0.2500",
    )  # fmt: skip
    assert 'value="0.25"' in answer.text and 'value="4"' in answer.text
    again = client.post(at("new_agent"), SAID)
    assert (again.status_code, "called Chef already" in again.text) == (422, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"display_name": " "},
        {"avatar_color": "red"},
        {"max_turns": 0},
        {"max_budget_usd": "0"},
        {"max_turns": ""},
        {"monthly_budget_usd": "-1"},
        {"monthly_budget_usd": "1000000"},
    ],
)
def test_what_is_no_agent_is_said_where_it_stands(nok, pixie, chef, at, sign_in, wrong):
    for there in (at("new_agent"), at("agent", chef)):
        assert sign_in(nok).post(there, {**SAID, **wrong}).status_code == 422
    chef.refresh_from_db()
    assert chef.version == 1


def test_an_owner_changes_one(nok, chef, at, sign_in):
    answer = sign_in(nok).post(at("agent", chef), {**SAID, "display_name": "Cook"}, follow=True)
    assert "Cook is changed." in answer.text
    chef.refresh_from_db()
    assert (chef.display_name, chef.slug, chef.version) == ("Cook", "cook", 2)


def test_nobodys_changes_are_written_over_unread(nok, chef, at, sign_in):
    change_agent(chef, by=by(nok), title="Bakes")
    answer = sign_in(nok).post(at("agent", chef), SAID)
    assert (answer.status_code, "changed it meanwhile" in answer.text) == (409, True)
    assert 'name="version" value="2"' in answer.text
    assert sign_in(nok).post(at("agent", chef), {**SAID, "version": 2}).status_code == 302


def test_a_member_reads_and_changes_nothing(ben, chef, at, sign_in):
    client = sign_in(ben)
    html = client.get(at("agent", chef)).text
    assert "An owner can change this." in html and "Put to sleep" not in html
    client.post(at("agent", chef), SAID)
    client.post(at("rest_agent", chef), {"awake": "no"})
    client.post(at("remove_agent", chef))
    assert client.post(at("new_agent"), {**SAID, "display_name": "Imp"}).status_code == 302
    assert set(Agent.objects.filter(home=ben.home_id).values_list("slug", "version", "is_active")) == {
        ("pixie", 1, True), ("chef", 1, True),
    }  # fmt: skip


def test_it_is_put_to_sleep_and_woken(nok, pixie, chef, at, sign_in):
    client = sign_in(nok)
    assert "Chef is asleep" in client.post(at("rest_agent", chef), {"awake": "no"}, follow=True).text
    assert "only one awake" in client.post(at("rest_agent", pixie), {"awake": "no"}, follow=True).text
    assert "Chef is awake." in client.post(at("rest_agent", chef), {"awake": "yes"}, follow=True).text


def test_one_that_nobody_spoke_with_may_go(nok, pixie, chef, at, sign_in):
    client = sign_in(nok)
    assert "Remove from this home" in client.get(at("agent", chef)).text
    assert "Remove from this home" not in client.get(at("agent", pixie)).text
    assert "Chef is gone." in client.post(at("remove_agent", chef), follow=True).text
    assert "taken part in the home" in client.post(at("remove_agent", pixie), follow=True).text


def test_another_homes_agent_is_not_there(mai, chef, sign_in):
    for name in ("agent", "rest_agent", "remove_agent"):
        assert sign_in(mai).post(reverse(f"pixie:{name}", args=[mai.home_id, chef.pk]), SAID).status_code == 404


# In the chat


def test_each_talk_is_named_after_whom_it_is_with(nok, pixie, chef, sign_in):
    talk = open_assistant(chef, by=by(nok))
    html = sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, talk.pk])).text
    assert "Only you and Chef can read this" in html
    assert "Tell Chef…" in html
    assert "?agent=chef" in html


def test_a_new_talk_is_begun_with_one_of_them(nok, pixie, chef, sign_in):
    client, there = sign_in(nok), reverse("chat:new_talk", args=[nok.home_id])
    assert "Chat with" in client.get(there).text
    answer = client.post(there, {"agent": chef.pk, "title": "Party on Saturday"}, follow=True)
    assert "Party on Saturday" in answer.text and "Tell Chef…" in answer.text
    assert client.post(there, {"agent": chef.pk, "title": " "}).status_code == 422
    change_agent(chef, by=by(nok), is_active=False)
    assert client.post(there, {"agent": chef.pk, "title": "Another"}, follow=True).status_code == 200
    assert "New chat with Pixie" in client.get(there).text


def test_a_talk_with_one_who_sleeps_says_so_in_the_list(nok, pixie, chef, general, sign_in):
    open_assistant(chef, by=by(nok))
    change_agent(chef, by=by(nok), is_active=False)
    assert (
        '<small class="muted">asleep</small>'
        in sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, general.pk])).text
    )


def test_what_one_said_bears_its_colour_of_now(nok, chef, general, sign_in):
    send_message(general, "Soup.", by=by(nok).as_agent(chef))
    there = reverse("chat:channel", args=[nok.home_id, general.pk])
    assert "avatar--lotus" not in sign_in(nok).get(there).text
    change_agent(chef, by=by(nok), avatar_color="lotus")
    message = sign_in(nok).get(there).text.split('class="messages"')[1]
    assert "avatar--lotus" in message


def test_who_is_still_to_answer_is_shown(nok, pixie, chef, general, sign_in):
    """Both are named: first the one is at it, then the other, then nobody."""
    client, there = sign_in(nok), reverse("chat:channel", args=[nok.home_id, general.pk])
    seen = []
    send_message(general, "@chef and @pixie, hello", by=by(nok))
    for speaker in (chef, pixie):
        seen.append([name for name in ("Chef", "Pixie") if f"{name} is working on it" in client.get(there).text])
        send_message(general, "Hello.", by=by(nok).as_agent(speaker))
    assert seen == [["Chef"], ["Pixie"]]
    assert "is working on it" not in client.get(there).text
