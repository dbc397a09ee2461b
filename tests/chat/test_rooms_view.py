"""Views that create rooms and chats, and add or remove members."""

from uuid import uuid4

import pytest
from django.test import Client

from chat.actions import create_channel, join_channel, open_assistant, open_dm
from chat.models import Channel, ChannelKind, ChannelMember
from homes.models import Agent
from tests.counting import queries_of
from tests.factories import by, move_in


@pytest.fixture
def chat(nok):
    return f"/h/{nok.home_id}/chat/"


@pytest.fixture
def presents(nok):
    return create_channel("presents", by=by(nok), is_private=True)


def member_names(channel):
    return sorted(ChannelMember.objects.filter(channel=channel).values_list("user__name", flat=True))


# New rooms


def test_creating_a_room_redirects_to_it(chat, nok, sign_in, events):
    client = sign_in(nok)
    assert "New room" in client.get(f"{chat}new/").text
    response = client.post(f"{chat}new/", {"name": "Food & Shopping", "topic": "Who cooks"})
    room = Channel.objects.get(name="food-shopping")
    assert response.url == f"{chat}{room.pk}/"
    assert (room.kind, room.topic, room.home) == (ChannelKind.PUBLIC, "Who cooks", nok.home)
    assert events(nok.home) == ["channel_created"]


def test_private_room_starts_with_its_creator(chat, nok, ben, sign_in):
    sign_in(nok).post(f"{chat}new/", {"name": "presents", "is_private": "on"})
    room = Channel.objects.get(name="presents")
    assert (room.kind, member_names(room)) == (ChannelKind.PRIVATE, ["Nok"])
    assert sign_in(ben).get(f"{chat}{room.pk}/").status_code == 404


@pytest.mark.parametrize("name", ["general", "General!", "", "  ", "!!!", "\x00", "x" * 41, "x" * 5000, "🥚"])
def test_invalid_or_taken_room_name_shows_error(chat, nok, sign_in, name):
    page = sign_in(nok).post(f"{chat}new/", {"name": name, "topic": "Kept"})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    assert 'value="Kept"' in page.text
    assert Channel.objects.filter(home=nok.home, kind=ChannelKind.PUBLIC).count() == 1


@pytest.mark.parametrize("name", ["ครัว", "שלום", "<script>alert(1)</script>", "'; drop table", "é" * 40])
def test_room_name_accepts_any_script(chat, nok, sign_in, name):
    client = sign_in(nok)
    response = client.post(f"{chat}new/", {"name": name, "topic": "<script>alert(1)</script>"})
    assert response.status_code == 302
    assert "<script>alert" not in client.get(response.url).text


# Direct messages and agent chats


def test_direct_message_is_created_once(chat, nok, ben, sign_in):
    channel_url = sign_in(nok).post(f"{chat}with/{ben.user_id}").url
    assert sign_in(ben).post(f"{chat}with/{nok.user_id}").url == channel_url
    assert member_names(Channel.objects.get(kind=ChannelKind.DM)) == ["Ben", "Nok"]


def test_direct_message_with_self_shows_error(chat, nok, sign_in):
    client = sign_in(nok)
    assert client.post(f"{chat}with/{nok.user_id}").url == chat
    assert "Choose another member of this home" in client.post(f"{chat}with/{nok.user_id}", follow=True).text


def test_direct_message_with_stranger_returns_404(chat, nok, mai, sign_in):
    assert sign_in(nok).post(f"{chat}with/{mai.user_id}").status_code == 404
    assert sign_in(nok).post(f"{chat}with/{uuid4()}").status_code == 404
    assert not Channel.objects.filter(kind=ChannelKind.DM).exists()


def test_agent_chat_is_opened_with_and_without_title(chat, nok, pixie, sign_in):
    mine = open_assistant(pixie, by=by(nok))
    client = sign_in(nok)
    assert client.post(f"{chat}agent/{pixie.pk}").url == f"{chat}{mine.pk}/"
    party = client.post(f"{chat}agent/{pixie.pk}", {"title": "Party \x00<script>"}).url
    assert party != f"{chat}{mine.pk}/"
    assert client.get(party).status_code == 200


@pytest.mark.parametrize("title", ["x" * 5000, "🥚", "  ", "‏שלום‎"])
def test_agent_chat_accepts_any_title(chat, nok, pixie, sign_in, title):
    client = sign_in(nok)
    assert client.get(client.post(f"{chat}agent/{pixie.pk}", {"title": title}).url).status_code == 200


def test_agent_of_another_home_returns_404(chat, nok, mai, sign_in):
    foreign = Agent.objects.get(home=mai.home)
    assert sign_in(nok).post(f"{chat}agent/{foreign.pk}").status_code == 404


# Members


def test_people_page_of_a_public_room_lists_all_members(chat, nok, ben, general, sign_in):
    page = sign_in(nok).get(f"{chat}{general.pk}/people/").text
    assert "Ben" in page
    assert "Everyone in the home can read and write here." in page


def test_adding_a_member_to_a_private_room_is_idempotent(chat, nok, ben, ploy, presents, sign_in, events):
    people, client = f"{chat}{presents.pk}/people/", sign_in(nok)
    assert client.get(people).text.count(">Add<") == 2
    for _ in range(2):
        assert client.post(people, {"user": str(ben.user_id)}).url == people
    assert member_names(presents) == ["Ben", "Nok"]
    assert events(nok.home)[-1] == "channel_joined"
    assert events(nok.home).count("channel_joined") == 1
    assert client.get(people).text.count(">Add<") == 1


@pytest.mark.parametrize("user", ["", "x", "\x00", "x" * 5000, "00000000-0000-0000-0000-000000000000", "1"])
def test_adding_an_invalid_user_returns_404(chat, nok, presents, sign_in, user):
    assert sign_in(nok).post(f"{chat}{presents.pk}/people/", {"user": user}).status_code == 404
    assert sign_in(nok).post(f"{chat}{presents.pk}/people/").status_code == 404
    assert member_names(presents) == ["Nok"]


def test_adding_a_stranger_returns_404(chat, nok, mai, presents, sign_in):
    assert sign_in(nok).post(f"{chat}{presents.pk}/people/", {"user": str(mai.user_id)}).status_code == 404
    assert member_names(presents) == ["Nok"]


def test_non_member_cannot_add_people_to_a_private_room(chat, nok, ben, presents, sign_in):
    people = f"{chat}{presents.pk}/people/"
    assert sign_in(ben).post(people, {"user": str(ben.user_id)}).status_code == 404
    assert sign_in(ben).get(people).status_code == 404


def test_adding_a_third_person_to_a_direct_message_shows_error(chat, nok, ben, ploy, sign_in):
    channel = open_dm(ben.user, by=by(nok))
    page = sign_in(nok).post(f"{chat}{channel.pk}/people/", {"user": str(ploy.user_id)}, follow=True).text
    assert "You can&#x27;t add anyone to this chat." in page
    assert member_names(channel) == ["Ben", "Nok"]


def test_people_page_query_count_does_not_grow_with_members(chat, nok, ben, presents, sign_in):
    client, people = sign_in(nok), f"{chat}{presents.pk}/people/"
    baseline = queries_of(lambda: client.get(people))
    for number in range(8):
        member = move_in(nok, f"Member {number}")
        if number % 2:
            join_channel(presents, member.user, by=by(nok))
    assert queries_of(lambda: client.get(people)) == baseline


# Leaving


def test_leaving_a_private_room_removes_the_member(chat, nok, ben, presents, sign_in, events):
    join_channel(presents, ben.user, by=by(nok))
    client = sign_in(ben)
    assert client.post(f"{chat}{presents.pk}/leave").url == chat
    assert member_names(presents) == ["Nok"]
    assert events(nok.home)[-1] == "channel_left"
    assert client.post(f"{chat}{presents.pk}/leave").status_code == 404


@pytest.mark.parametrize("kind", ["dm", "assistant"])
def test_leaving_a_direct_or_agent_chat_shows_error(chat, nok, ben, pixie, sign_in, kind):
    channel = open_dm(ben.user, by=by(nok)) if kind == "dm" else open_assistant(pixie, by=by(nok))
    client = sign_in(nok)
    assert client.post(f"{chat}{channel.pk}/leave").status_code == 302
    assert "You can&#x27;t leave this chat." in client.get(chat, follow=True).text
    assert Channel.objects.visible_to(nok).filter(pk=channel.pk).exists()


# Access


def test_room_of_another_home_returns_404(chat, nok, mai, sign_in):
    foreign = Channel.objects.get(home=mai.home, name="general")
    client = sign_in(nok)
    assert client.get(f"{chat}{foreign.pk}/people/").status_code == 404
    assert client.post(f"{chat}{foreign.pk}/leave").status_code == 404


@pytest.mark.parametrize("endpoint", ["new/", "with/{nok}", "agent/{pixie}", "{general}/people/", "{general}/leave"])
def test_room_pages_return_404_for_strangers(chat, nok, mai, pixie, general, sign_in, events, endpoint):
    url = chat + endpoint.format(nok=nok.user_id, pixie=pixie.pk, general=general.pk)
    assert sign_in(mai).post(url, {"name": "mine", "user": str(mai.user_id)}).status_code == 404
    assert Client().post(url, {"name": "mine"}).url.startswith("/accounts/login/")
    assert events(nok.home) == []
