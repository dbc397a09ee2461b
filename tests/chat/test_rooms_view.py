"""Opening rooms and talks, who is in them, bringing in and leaving."""

from uuid import uuid4

import pytest
from django.test import Client

from chat.actions import create_channel, join_channel, open_assistant, open_dm
from chat.models import Channel, ChannelKind, ChannelMember
from homes.models import Agent
from tests.cast import by, move_in
from tests.counting import queries_of


@pytest.fixture
def chat(nok):
    return f"/h/{nok.home_id}/chat/"


@pytest.fixture
def presents(nok):
    return create_channel("presents", by=by(nok), is_private=True)


def inside(channel):
    return sorted(ChannelMember.objects.filter(channel=channel).values_list("user__name", flat=True))


# A new room


def test_it_works(chat, nok, sign_in, events):
    client = sign_in(nok)
    assert "New room" in client.get(f"{chat}new/").text
    answer = client.post(f"{chat}new/", {"name": "Food & Shopping", "topic": "Who cooks"})
    opened = Channel.objects.get(name="food-shopping")
    assert answer.url == f"{chat}{opened.pk}/"
    assert (opened.kind, opened.topic, opened.home) == (ChannelKind.PUBLIC, "Who cooks", nok.home)
    assert events(nok.home) == ["channel_created"]


def test_a_private_room_has_its_founder_in_it(chat, nok, ben, sign_in):
    sign_in(nok).post(f"{chat}new/", {"name": "presents", "is_private": "on"})
    opened = Channel.objects.get(name="presents")
    assert (opened.kind, inside(opened)) == (ChannelKind.PRIVATE, ["Nok"])
    assert sign_in(ben).get(f"{chat}{opened.pk}/").status_code == 404


@pytest.mark.parametrize("name", ["general", "General!", "", "  ", "!!!", "\x00", "x" * 41, "x" * 5000, "🥚"])
def test_a_name_that_is_none_or_taken_is_told(chat, nok, sign_in, name):
    page = sign_in(nok).post(f"{chat}new/", {"name": name, "topic": "Kept"})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    assert 'value="Kept"' in page.text
    assert Channel.objects.filter(home=nok.home, kind=ChannelKind.PUBLIC).count() == 1


@pytest.mark.parametrize("name", ["ครัว", "שלום", "<script>alert(1)</script>", "'; drop table", "é" * 40])
def test_a_name_may_be_of_any_script(chat, nok, sign_in, name):
    client = sign_in(nok)
    answer = client.post(f"{chat}new/", {"name": name, "topic": "<script>alert(1)</script>"})
    assert answer.status_code == 302
    assert "<script>alert" not in client.get(answer.url).text


# A talk with somebody


def test_a_talk_between_two_is_begun_once(chat, nok, ben, sign_in):
    there = sign_in(nok).post(f"{chat}with/{ben.user_id}").url
    assert sign_in(ben).post(f"{chat}with/{nok.user_id}").url == there
    assert inside(Channel.objects.get(kind=ChannelKind.DM)) == ["Ben", "Nok"]


def test_with_oneself_nobody_talks(chat, nok, sign_in):
    client = sign_in(nok)
    assert client.post(f"{chat}with/{nok.user_id}").url == chat
    assert "Choose somebody of this home" in client.post(f"{chat}with/{nok.user_id}", follow=True).text


def test_with_a_stranger_nobody_talks(chat, nok, mai, sign_in):
    assert sign_in(nok).post(f"{chat}with/{mai.user_id}").status_code == 404
    assert sign_in(nok).post(f"{chat}with/{uuid4()}").status_code == 404
    assert not Channel.objects.filter(kind=ChannelKind.DM).exists()


def test_a_talk_with_pixie(chat, nok, pixie, sign_in):
    mine = open_assistant(pixie, by=by(nok))
    client = sign_in(nok)
    assert client.post(f"{chat}agent/{pixie.pk}").url == f"{chat}{mine.pk}/"
    party = client.post(f"{chat}agent/{pixie.pk}", {"title": "Party \x00<script>"}).url
    assert party != f"{chat}{mine.pk}/"
    assert client.get(party).status_code == 200


@pytest.mark.parametrize("title", ["x" * 5000, "🥚", "  ", "‏שלום‎"])
def test_a_talk_with_pixie_may_be_called_anything(chat, nok, pixie, sign_in, title):
    client = sign_in(nok)
    assert client.get(client.post(f"{chat}agent/{pixie.pk}", {"title": title}).url).status_code == 200


def test_an_agent_of_another_home_is_not_there(chat, nok, mai, sign_in):
    theirs = Agent.objects.get(home=mai.home)
    assert sign_in(nok).post(f"{chat}agent/{theirs.pk}").status_code == 404


# Who is in it


def test_everybody_is_in_a_room_for_everybody(chat, nok, ben, general, sign_in):
    page = sign_in(nok).get(f"{chat}{general.pk}/people/").text
    assert "Ben" in page
    assert "Everyone in the home can read and write here." in page


def test_somebody_is_brought_in(chat, nok, ben, ploy, presents, sign_in, events):
    people, client = f"{chat}{presents.pk}/people/", sign_in(nok)
    assert client.get(people).text.count(">Add<") == 2
    for _twice in range(2):
        assert client.post(people, {"user": str(ben.user_id)}).url == people
    assert inside(presents) == ["Ben", "Nok"]
    assert events(nok.home)[-1] == "channel_joined"
    assert events(nok.home).count("channel_joined") == 1
    assert client.get(people).text.count(">Add<") == 1


@pytest.mark.parametrize("who", ["", "x", "\x00", "x" * 5000, "00000000-0000-0000-0000-000000000000", "1"])
def test_nobody_is_nobody(chat, nok, presents, sign_in, who):
    assert sign_in(nok).post(f"{chat}{presents.pk}/people/", {"user": who}).status_code == 404
    assert sign_in(nok).post(f"{chat}{presents.pk}/people/").status_code == 404
    assert inside(presents) == ["Nok"]


def test_a_stranger_is_not_brought_in(chat, nok, mai, presents, sign_in):
    assert sign_in(nok).post(f"{chat}{presents.pk}/people/", {"user": str(mai.user_id)}).status_code == 404
    assert inside(presents) == ["Nok"]


def test_who_is_not_in_it_brings_nobody_in(chat, nok, ben, presents, sign_in):
    people = f"{chat}{presents.pk}/people/"
    assert sign_in(ben).post(people, {"user": str(ben.user_id)}).status_code == 404
    assert sign_in(ben).get(people).status_code == 404


def test_to_a_talk_between_two_nobody_is_added(chat, nok, ben, ploy, sign_in):
    talk = open_dm(ben.user, by=by(nok))
    page = sign_in(nok).post(f"{chat}{talk.pk}/people/", {"user": str(ploy.user_id)}, follow=True).text
    assert "Nobody can be added to a talk between two." in page
    assert inside(talk) == ["Ben", "Nok"]


def test_more_people_cost_no_more_queries(chat, nok, ben, presents, sign_in):
    client, people = sign_in(nok), f"{chat}{presents.pk}/people/"
    few = queries_of(lambda: client.get(people))
    for number in range(8):
        somebody = move_in(nok, f"Guest {number}")
        if number % 2:
            join_channel(presents, somebody.user, by=by(nok))
    assert queries_of(lambda: client.get(people)) == few


# Leaving


def test_one_leaves_a_private_room(chat, nok, ben, presents, sign_in, events):
    join_channel(presents, ben.user, by=by(nok))
    client = sign_in(ben)
    assert client.post(f"{chat}{presents.pk}/leave").url == chat
    assert inside(presents) == ["Nok"]
    assert events(nok.home)[-1] == "channel_left"
    assert client.post(f"{chat}{presents.pk}/leave").status_code == 404


@pytest.mark.parametrize("kind", ["dm", "assistant"])
def test_a_talk_between_two_is_not_left(chat, nok, ben, pixie, sign_in, kind):
    talk = open_dm(ben.user, by=by(nok)) if kind == "dm" else open_assistant(pixie, by=by(nok))
    client = sign_in(nok)
    assert client.post(f"{chat}{talk.pk}/leave").status_code == 302
    assert "A talk between two has both in it." in client.get(chat, follow=True).text
    assert Channel.objects.visible_to(nok).filter(pk=talk.pk).exists()


# Doors


def test_a_room_of_another_home_is_not_there(chat, nok, mai, sign_in):
    theirs = Channel.objects.get(home=mai.home, name="general")
    client = sign_in(nok)
    assert client.get(f"{chat}{theirs.pk}/people/").status_code == 404
    assert client.post(f"{chat}{theirs.pk}/leave").status_code == 404


@pytest.mark.parametrize("endpoint", ["new/", "with/{nok}", "agent/{pixie}", "{general}/people/", "{general}/leave"])
def test_a_stranger_finds_nothing(chat, nok, mai, pixie, general, sign_in, events, endpoint):
    there = chat + endpoint.format(nok=nok.user_id, pixie=pixie.pk, general=general.pk)
    assert sign_in(mai).post(there, {"name": "mine", "user": str(mai.user_id)}).status_code == 404
    assert Client().post(there, {"name": "mine"}).url.startswith("/accounts/login/")
    assert events(nok.home) == []
