"""Presence, focus and typing of users with several tabs, devices and processes."""

import pytest

from chat.actions import create_channel, join_channel, leave_channel
from homes.live import home_channel
from homes.live.home_channel import Presence
from homes.live.hub import get_hub
from tests.factories import by
from tests.homes.sockets import elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def no_departure_delay(monkeypatch):
    """Users count as gone as soon as they disconnect."""
    monkeypatch.setattr(home_channel, "DEPARTURE_SECONDS", 0.0)


async def receive(socket, kind):
    while (frame := await socket.next()).get("type") != kind:
        pass
    return frame


async def set_focus(socket, place):
    await socket.send_json_to({"type": "looking", "at": str(place.pk) if place else None})


def user_ids(*members):
    return sorted(str(member.user_id) for member in members)


async def test_members_with_the_same_focus_see_each_other(listen, nok, ben, ploy, weekly, general):
    first, second, elsewhere_in_the_home = await listen(nok), await listen(ben), await listen(ploy)
    await set_focus(first, weekly)
    assert await receive(first, "looking") == {
        "type": "looking", "at": str(weekly.pk), "user_ids": user_ids(nok), "count": 1
    }  # fmt: skip
    await set_focus(elsewhere_in_the_home, general)
    await set_focus(second, weekly)
    for socket in (first, second):
        assert (await receive(socket, "looking"))["user_ids"] == user_ids(nok, ben)
    assert (await receive(elsewhere_in_the_home, "looking"))["user_ids"] == user_ids(ploy)
    await set_focus(second, None)
    assert (await receive(first, "looking"))["user_ids"] == user_ids(nok)


async def test_second_tab_counts_as_the_same_user(listen, nok, ben, weekly):
    watching, first_tab, second_tab = await listen(nok), await listen(ben), await listen(ben)
    for socket in (watching, first_tab, second_tab):
        await set_focus(socket, weekly)
    while (frame := await receive(watching, "looking"))["user_ids"] != user_ids(nok, ben):
        pass
    assert frame["count"] == 2
    await first_tab.disconnect()
    assert (await receive(second_tab, "looking"))["user_ids"] == user_ids(nok, ben)
    await second_tab.disconnect()
    while (await receive(watching, "looking"))["user_ids"] != user_ids(nok):
        pass


async def test_leaving_a_private_room_ends_its_focus(listen, nok, ben):
    room = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(join_channel, room, ben.user, by=by(nok))
    inside, leaving = await listen(nok), await listen(ben)
    await set_focus(leaving, room)
    await receive(leaving, "looking")
    await elsewhere(leave_channel, room, ben.user, by=by(ben))
    await receive(leaving, "channel_left")
    await set_focus(inside, room)
    assert (await receive(inside, "looking"))["user_ids"] == user_ids(nok)
    await leaving.send_json_to({"type": "ping"})
    kinds = []
    while "pong" not in kinds:
        kinds.append((await leaving.next()).get("type"))
    assert "looking" not in kinds


async def test_typing_is_sent_to_other_members_only(listen, nok, ben, general):
    typing, other = await listen(ben), await listen(nok)
    await typing.send_json_to({"type": "typing", "channel_id": str(general.pk)})
    frame = await receive(other, "typing")
    assert frame == {"type": "typing", "channel_id": str(general.pk), "user_id": str(ben.user_id)}
    await typing.send_json_to({"type": "ping"})
    assert (await typing.next())["type"] != "typing"


async def test_typing_in_a_private_room_is_sent_to_its_members_only(listen, nok, ben, ploy):
    room = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(join_channel, room, ploy.user, by=by(nok))
    typing, inside, outside = await listen(nok), await listen(ploy), await listen(ben)
    await typing.send_json_to({"type": "typing", "channel_id": str(room.pk)})
    await receive(inside, "typing")
    await outside.send_json_to({"type": "ping"})
    assert (await outside.next())["type"] == "pong"


async def test_reconnecting_quickly_keeps_the_user_present(listen, monkeypatch, nok, ben):
    monkeypatch.setattr(home_channel, "DEPARTURE_SECONDS", 0.3)
    watching, page = await listen(nok), await listen(ben)
    await receive(watching, "user_joined")
    await page.disconnect()
    following = await listen(ben)
    assert await watching.receive_nothing(0.5)
    await following.disconnect()
    assert await receive(watching, "user_left") == {"type": "user_left", "user_id": str(ben.user_id)}


# Reports of other processes


def report_from_another_process(home_id, users):
    get_hub().homes[home_id].on_presence("other", users)


async def test_user_reported_by_another_process_is_present(listen, nok, ben, weekly):
    watching = await listen(nok)
    await set_focus(watching, weekly)
    await receive(watching, "looking")
    report_from_another_process(nok.home_id, {str(ben.user_id): [str(weekly.pk)]})
    assert (await receive(watching, "user_joined"))["user_id"] == str(ben.user_id)
    assert (await receive(watching, "looking"))["user_ids"] == user_ids(nok, ben)
    assert (await listen(nok)).first["members_online"] == user_ids(nok, ben)
    report_from_another_process(nok.home_id, {})
    assert (await receive(watching, "user_left"))["user_id"] == str(ben.user_id)


async def test_user_of_two_processes_stays_present_when_one_loses_them(listen, nok, ben):
    watching, _page = await listen(nok), await listen(ben)
    await receive(watching, "user_joined")
    report_from_another_process(nok.home_id, {str(ben.user_id): []})
    report_from_another_process(nok.home_id, {})
    assert await watching.receive_nothing()


async def test_presence_report_can_be_read_by_another_process(nok, ben, weekly):
    mine, theirs = Presence(), Presence()
    for _tab in range(2):
        mine.arrive(ben.user_id)
    mine.arrive(ben.user_id, weekly.pk)
    mine.depart(ben.user_id, None)
    assert theirs.update("mine", mine.report()) == ({ben.user_id}, {weekly.pk})
    assert theirs.has(ben.user_id)
    assert theirs.looking_at(weekly.pk) == {ben.user_id}
    assert theirs.update("mine", mine.report()) == (set(), set())
