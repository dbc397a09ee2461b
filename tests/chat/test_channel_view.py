from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chat.actions import add_reaction, create_channel, delete_message, open_assistant, open_dm, send_message
from chat.models import Channel, ChannelMember, Message
from chat.views import PAGE_SIZE
from homes.actions import remove_member
from tests.counting import queries_of
from tests.factories import by

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(nok, general):
    return f"/h/{nok.home_id}/chat/{general.pk}/"


def test_channel_page_shows_messages_authors_and_topic(url, nok, ben, general, sign_in):
    send_message(general, "The lift is being mended", by=by(ben))
    send_message(general, "Thanks", by=by(nok))
    page = sign_in(nok).get(url)
    assert page.status_code == 200
    for text in ("The lift is being mended", "Ben", "You", "general", "For everyone at home"):
        assert text in page.text


def test_empty_room_shows_hint(url, nok, sign_in):
    assert "No messages yet." in sign_in(nok).get(url).text


def test_side_list_shows_rooms_people_and_agents(url, nok, ben, ploy, pixie, sign_in):
    room = create_channel("presents", by=by(nok), is_private=True)
    dm = open_dm(ben.user, by=by(nok))
    page = sign_in(nok).get(url).text
    assert f"/chat/{room.pk}/" in page
    assert f"/chat/{dm.pk}/" in page
    assert f"/chat/with/{ploy.user_id}" in page
    assert f"/chat/with/{nok.user_id}" not in page
    assert f"/chat/{open_assistant(pixie, by=by(nok)).pk}/" in page
    assert "presents" not in sign_in(ploy).get(url).text


def test_message_html_is_escaped(url, nok, ben, general, sign_in):
    body = "<script>alert(1)</script> https://example.com/?a=1&b=2 <b>Ben</b> @Ben {{ 7|add:7 }}"
    send_message(general, body, by=by(nok))
    page = sign_in(nok).get(url).text
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "{{ 7|add:7 }}" in page
    assert 'rel="nofollow"' in page
    assert '<span class="mention">@Ben</span>' in page


def last_read(member, channel):
    me = ChannelMember.objects.filter(channel=channel, user=member.user).first()
    return me.last_read_seq if me else 0


@pytest.mark.parametrize("verb", ["get", "head"])
def test_viewing_a_channel_does_not_mark_it_as_read(url, nok, ben, general, sign_in, verb):
    message = send_message(general, "@Nok, hello", by=by(ben))
    client = sign_in(nok)
    response = getattr(client, verb)(url)
    assert getattr(client, verb)(url, headers={"HX-Request": "true"}).status_code == 200
    assert last_read(nok, general) < message.seq
    if verb == "get":
        assert f'data-unread-to="{message.seq}"' in response.text
        assert "Mark as read" in response.text


def test_marking_as_read_moves_the_mark_and_clears_the_badge(
    url, nok, ben, general, sign_in, django_capture_on_commit_callbacks
):
    message = send_message(general, "Hello", by=by(ben))
    client = sign_in(nok)
    assert "1 unread" in client.get(url).text
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{url}read", {"seq": message.seq}).url == url
    assert last_read(nok, general) == message.seq
    page = client.get(url).text
    assert "1 unread" not in page and "data-unread-to" not in page and "Mark as read" not in page


def test_marking_as_read_past_the_last_event_is_capped(url, nok, ben, general, sign_in):
    sign_in(nok).post(f"{url}read", {"seq": 10**17})
    nok.home.refresh_from_db()
    assert last_read(nok, general) == nok.home.last_seq


@pytest.mark.parametrize("seq", ["", "x", "-1", "9" * 30])
def test_marking_as_read_with_invalid_seq_returns_400(url, nok, sign_in, seq):
    assert sign_in(nok).post(f"{url}read", {"seq": seq}).status_code == 400


def test_marking_as_read_in_another_home_returns_404(url, mai, sign_in):
    assert sign_in(mai).post(f"{url}read", {"seq": 1}).status_code == 404


def test_new_divider_precedes_first_unread_message(url, nok, ben, general, sign_in):
    before = send_message(general, "Read before", by=by(ben))
    client = sign_in(nok)
    client.post(f"{url}read", {"seq": before.seq})
    send_message(general, "New one", by=by(ben))
    newest = send_message(general, "New two", by=by(ben))
    page = client.get(url).text
    assert page.count("divider--new") == 1
    assert page.index("Read before") < page.index("divider--new") < page.index("New one")
    client.post(f"{url}read", {"seq": newest.seq})
    assert "divider--new" not in client.get(url).text


def test_unread_badge_is_shown_for_other_channels(url, nok, ben, general, sign_in):
    room = create_channel("kitchen", by=by(nok))
    send_message(room, "Soup", by=by(nok))
    assert "1 unread" in sign_in(ben).get(url).text


def test_former_member_keeps_messages_and_reactions(url, nok, ben, general, sign_in):
    message = send_message(general, "Goodbye", by=by(ben))
    add_reaction(message, "👍", by=by(ben))
    dm = open_dm(ben.user, by=by(nok))
    remove_member(ben, by=by(ben))
    page = sign_in(nok).get(url).text
    assert "Goodbye" in page
    assert "Former member" in page
    assert "Former member" in sign_in(nok).get(f"/h/{nok.home_id}/chat/{dm.pk}/").text


def test_deleted_message_shows_placeholder(url, nok, ben, general, sign_in):
    message = send_message(general, "Nobody should read this", by=by(ben))
    delete_message(message, by=by(ben))
    page = sign_in(nok).get(url).text
    assert "Nobody should read this" not in page
    assert "Deleted" in page


def test_composing_indicator_is_shown_until_it_times_out(url, nok, general, sign_in):
    send_message(general, "We need eggs", by=by(nok))
    assert 'id="awaited"' not in sign_in(nok).get(url).text
    send_message(general, "Pixie, we need eggs", by=by(nok))
    assert 'id="awaited"' in sign_in(nok).get(url).text
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=3))
    assert 'id="awaited"' not in sign_in(nok).get(url).text


@pytest.fixture
def agent_chat_url(nok, pixie):
    channel = open_assistant(pixie, by=by(nok))
    return f"/h/{nok.home_id}/chat/{channel.pk}/"


def test_agent_chat_page_shows_introduction(agent_chat_url, nok, sign_in):
    page = sign_in(nok).get(agent_chat_url).text
    assert "Only you and Pixie can read this" in page
    assert "Tell me what you need in your own words" in page


def test_reaction_label_has_count_and_names(url, nok, ben, general, sign_in):
    message = send_message(general, "Soup on Sunday", by=by(ben))
    for member in (nok, ben):
        add_reaction(message, "🎉", by=by(member))
    page = sign_in(nok).get(url).text
    assert 'aria-label="🎉 2: Nok, Ben"' in page
    assert 'name="take_back" value="🎉" aria-pressed="true"' in page


def test_htmx_request_returns_partial_page(url, nok, general, sign_in):
    send_message(general, "Hello", by=by(nok))
    html = sign_in(nok).get(url, headers=HTMX).text
    assert "<html" not in html
    assert "Hello" in html


# Pagination


def test_long_channel_is_paginated(url, nok, general, sign_in):
    sent = [send_message(general, f"Message {number}.", by=by(nok)) for number in range(PAGE_SIZE + 5)]
    client = sign_in(nok)
    newest = client.get(url).text
    assert "Message 4." not in newest
    assert f"Message {PAGE_SIZE + 4}." in newest
    assert f'href="?before={sent[5].seq}"' in newest
    earlier = client.get(f"{url}?before={sent[5].seq}").text
    assert "Message 4." in earlier
    assert "Message 5." not in earlier
    assert "?before=" not in earlier


def test_exactly_one_page_has_no_earlier_link(url, nok, general, sign_in):
    for number in range(PAGE_SIZE):
        send_message(general, f"Message {number}.", by=by(nok))
    page = sign_in(nok).get(url).text
    assert "Message 0." in page
    assert "?before=" not in page


@pytest.mark.parametrize("before", ["", "0", "-1", "x", "1e9", "9" * 18, "9" * 400, "\x00", "²", "١", "NaN", "'--"])
def test_invalid_before_parameter_is_ignored(url, nok, general, sign_in, before):
    send_message(general, "Hello", by=by(nok))
    assert sign_in(nok).get(url, {"before": before}).status_code == 200


# Redirect from the tab


def test_chat_redirects_to_channel_with_unread_messages(url, nok, ben, general, sign_in):
    chat, client = f"/h/{nok.home_id}/chat/", sign_in(nok)
    assert client.get(chat).url == url
    room = create_channel("kitchen", by=by(ben))
    send_message(room, "Soup", by=by(ben))
    assert client.get(chat).url == f"{chat}{room.pk}/"


def test_chat_without_channels_returns_404(nok, sign_in):
    Channel.objects.update(archived_at=timezone.now())
    assert sign_in(nok).get(f"/h/{nok.home_id}/chat/").status_code == 404


# Query counts and access


def test_channel_query_count_does_not_grow_with_messages(url, nok, ben, general, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            root = send_message(general, f"Message {number}", by=by(nok if number % 2 else ben))
            add_reaction(root, "🎉", by=by(ben))
            send_message(general, "Yes", by=by(ben), parent=root)
            create_channel(f"room {number} of {count}", by=by(nok))

    fill(3)
    baseline = queries_of(lambda: client.get(url))
    fill(57)
    assert queries_of(lambda: client.get(url)) == baseline


def test_private_channel_returns_404_for_non_members(nok, ben, ploy, sign_in):
    private = [create_channel("presents", by=by(nok), is_private=True), open_dm(ben.user, by=by(nok))]
    for channel in private:
        assert sign_in(ploy).get(f"/h/{nok.home_id}/chat/{channel.pk}/").status_code == 404
        assert sign_in(nok).get(f"/h/{nok.home_id}/chat/{channel.pk}/").status_code == 200


def test_channel_of_another_home_returns_404(nok, mai, sign_in):
    foreign = Channel.objects.get(home=mai.home, name="general")
    assert sign_in(nok).get(f"/h/{nok.home_id}/chat/{foreign.pk}/").status_code == 404


def test_channel_returns_404_for_strangers(url, nok, mai, sign_in):
    client = sign_in(mai)
    assert client.get(url).status_code == client.get(f"/h/{nok.home_id}/chat/").status_code == 404


def test_anonymous_request_redirects_to_login(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"


def test_posting_to_channel_page_returns_405(url, nok, sign_in):
    assert sign_in(nok).post(url).status_code == 405
