"""The pages of the home's agents."""

import pytest
from django.urls import reverse

from chat.actions import open_assistant, send_message
from homes.models import Agent
from pixie.actions import change_agent, create_agent
from tests.counting import queries_of
from tests.factories import by

FORM = {
    "display_name": "Chef", "title": "Plans the meals", "avatar_color": "clay", "system_prompt": "Spicy.", "model": "",
    "max_turns": 5, "max_budget_usd": "0.25", "monthly_budget_usd": "4", "version": 1,
}  # fmt: skip


@pytest.fixture
def url_of(nok):
    """Return the URL of a page: `url_of("agent", chef)`."""
    return lambda name, *agents: reverse(f"pixie:{name}", args=[nok.home_id, *(agent.pk for agent in agents)])


@pytest.fixture
def chef(nok, pixie):
    return create_agent("Chef", by=by(nok))


def test_agents_page_lists_agents_and_lets_only_owners_add(nok, ben, chef, url_of, sign_in):
    html = sign_in(ben).get(url_of("agents")).text
    assert "@pixie" in html and "@chef" in html
    assert "New agent" not in html
    assert "New agent" in sign_in(nok).get(url_of("agents")).text


def test_agents_page_query_count_does_not_grow(nok, chef, url_of, sign_in):
    client = sign_in(nok)
    query_count = queries_of(lambda: client.get(url_of("agents")))
    for number in range(5):
        create_agent(f"Imp {number}", by=by(nok))
    assert queries_of(lambda: client.get(url_of("agents"))) == query_count


def test_owner_creates_an_agent(nok, pixie, url_of, sign_in):
    client = sign_in(nok)
    assert client.get(url_of("new_agent")).status_code == 200
    answer = client.post(url_of("new_agent"), FORM, follow=True)
    chef = Agent.objects.get(slug="chef")
    assert answer.redirect_chain[-1][0] == url_of("agent", chef)
    assert (chef.title, chef.avatar_color, chef.max_turns, str(chef.max_budget_usd)) == (
        "Plans the meals", "clay", 5, "0.2500",
    )  # fmt: skip
    assert 'value="0.25"' in answer.text and 'value="4"' in answer.text
    again = client.post(url_of("new_agent"), FORM)
    assert (again.status_code, "already called Chef" in again.text) == (422, True)


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
def test_invalid_agent_form_is_shown_again(nok, pixie, chef, url_of, sign_in, wrong):
    for url in (url_of("new_agent"), url_of("agent", chef)):
        assert sign_in(nok).post(url, {**FORM, **wrong}).status_code == 422
    chef.refresh_from_db()
    assert chef.version == 1


def test_owner_changes_an_agent(nok, chef, url_of, sign_in):
    answer = sign_in(nok).post(url_of("agent", chef), {**FORM, "display_name": "Cook"}, follow=True)
    assert "Cook has been saved." in answer.text
    chef.refresh_from_db()
    assert (chef.display_name, chef.slug, chef.version) == ("Cook", "cook", 2)


def test_saving_an_old_version_shows_the_conflict(nok, chef, url_of, sign_in):
    change_agent(chef, by=by(nok), title="Bakes")
    answer = sign_in(nok).post(url_of("agent", chef), FORM)
    assert (answer.status_code, "changed this in the meantime" in answer.text) == (409, True)
    assert 'name="version" value="2"' in answer.text
    assert sign_in(nok).post(url_of("agent", chef), {**FORM, "version": 2}).status_code == 302


def test_plain_member_can_read_but_not_change_agents(ben, chef, url_of, sign_in):
    client = sign_in(ben)
    html = client.get(url_of("agent", chef)).text
    assert "An owner can change this." in html and "Put to sleep" not in html
    client.post(url_of("agent", chef), FORM)
    client.post(url_of("set_agent_awake", chef), {"awake": "no"})
    client.post(url_of("remove_agent", chef))
    assert client.post(url_of("new_agent"), {**FORM, "display_name": "Imp"}).status_code == 302
    assert set(Agent.objects.filter(home=ben.home_id).values_list("slug", "version", "is_active")) == {
        ("pixie", 1, True), ("chef", 1, True),
    }  # fmt: skip


def test_owner_puts_an_agent_to_sleep_and_wakes_it(nok, pixie, chef, url_of, sign_in):
    client = sign_in(nok)
    assert "Chef is asleep" in client.post(url_of("set_agent_awake", chef), {"awake": "no"}, follow=True).text
    assert "only agent awake" in client.post(url_of("set_agent_awake", pixie), {"awake": "no"}, follow=True).text
    assert "Chef is awake." in client.post(url_of("set_agent_awake", chef), {"awake": "yes"}, follow=True).text


def test_owner_removes_only_an_unused_agent(nok, pixie, chef, url_of, sign_in):
    client = sign_in(nok)
    assert "Remove from this home" in client.get(url_of("agent", chef)).text
    assert "Remove from this home" not in client.get(url_of("agent", pixie)).text
    assert "Chef has been deleted." in client.post(url_of("remove_agent", chef), follow=True).text
    assert "has already been used" in client.post(url_of("remove_agent", pixie), follow=True).text


def test_agent_of_another_home_is_not_found(mai, chef, sign_in):
    for name in ("agent", "set_agent_awake", "remove_agent"):
        assert sign_in(mai).post(reverse(f"pixie:{name}", args=[mai.home_id, chef.pk]), FORM).status_code == 404


# In the chat


def test_chat_page_names_its_agent(nok, pixie, chef, sign_in):
    chat = open_assistant(chef, by=by(nok))
    html = sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, chat.pk])).text
    assert "Only you and Chef can read this" in html
    assert "Tell Chef…" in html
    assert "?agent=chef" in html


def test_member_starts_a_chat_with_a_chosen_agent(nok, pixie, chef, sign_in):
    client, url = sign_in(nok), reverse("chat:new_agent_chat", args=[nok.home_id])
    assert "Chat with" in client.get(url).text
    answer = client.post(url, {"agent": chef.pk, "title": "Party on Saturday"}, follow=True)
    assert "Party on Saturday" in answer.text and "Tell Chef…" in answer.text
    assert client.post(url, {"agent": chef.pk, "title": " "}).status_code == 422
    change_agent(chef, by=by(nok), is_active=False)
    assert client.post(url, {"agent": chef.pk, "title": "Another"}, follow=True).status_code == 200
    assert "New chat with Pixie" in client.get(url).text


def test_chat_list_marks_a_sleeping_agent(nok, pixie, chef, general, sign_in):
    open_assistant(chef, by=by(nok))
    change_agent(chef, by=by(nok), is_active=False)
    assert (
        '<small class="muted">asleep</small>'
        in sign_in(nok).get(reverse("chat:channel", args=[nok.home_id, general.pk])).text
    )


def test_messages_show_the_current_colour_of_their_agent(nok, chef, general, sign_in):
    send_message(general, "Soup.", by=by(nok).as_agent(chef))
    url = reverse("chat:channel", args=[nok.home_id, general.pk])
    assert "avatar--lotus" not in sign_in(nok).get(url).text
    change_agent(chef, by=by(nok), avatar_color="lotus")
    message = sign_in(nok).get(url).text.split('class="messages"')[1]
    assert "avatar--lotus" in message


def test_agents_are_shown_while_they_are_working(nok, pixie, chef, general, sign_in):
    """Two mentioned agents are shown one after the other."""
    client, url = sign_in(nok), reverse("chat:channel", args=[nok.home_id, general.pk])
    working = []
    send_message(general, "@chef and @pixie, hello", by=by(nok))
    for speaker in (chef, pixie):
        working.append([name for name in ("Chef", "Pixie") if f"{name} is working on it" in client.get(url).text])
        send_message(general, "Hello.", by=by(nok).as_agent(speaker))
    assert working == [["Chef"], ["Pixie"]]
    assert "is working on it" not in client.get(url).text
