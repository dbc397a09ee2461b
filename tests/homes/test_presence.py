"""Who is here, who looks at what, who is typing: of people, however many tabs, devices and processes they use."""

import pytest

from chat.actions import create_channel, join_channel, leave_channel
from homes.live import home_channel
from homes.live.hub import get_hub
from homes.live.presence import Presence
from tests.cast import by
from tests.homes.sockets import elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody lingers."""
    monkeypatch.setattr(home_channel, "DEPARTURE_SECONDS", 0.0)


async def told(socket, kind):
    while (frame := await socket.next()).get("type") != kind:
        pass
    return frame


async def looks(socket, place):
    await socket.send_json_to({"type": "looking", "at": str(place.pk) if place else None})


def here(*members):
    return sorted(str(member.user_id) for member in members)


async def test_members_with_the_same_focus_see_each_other(listen, nok, ben, ploy, weekly, general):
    first, second, elsewhere_in_the_home = await listen(nok), await listen(ben), await listen(ploy)
    await looks(first, weekly)
    assert await told(first, "looking") == {
        "type": "looking", "at": str(weekly.pk), "user_ids": here(nok), "count": 1
    }  # fmt: skip
    await looks(elsewhere_in_the_home, general)
    await looks(second, weekly)
    for socket in (first, second):
        assert (await told(socket, "looking"))["user_ids"] == here(nok, ben)
    assert (await told(elsewhere_in_the_home, "looking"))["user_ids"] == here(ploy)
    await looks(second, None)
    assert (await told(first, "looking"))["user_ids"] == here(nok)


async def test_second_tab_counts_as_the_same_user(listen, nok, ben, weekly):
    watching, one, two = await listen(nok), await listen(ben), await listen(ben)
    for socket in (watching, one, two):
        await looks(socket, weekly)
    while (frame := await told(watching, "looking"))["user_ids"] != here(nok, ben):
        pass
    assert frame["count"] == 2
    await one.disconnect()
    assert (await told(two, "looking"))["user_ids"] == here(nok, ben)
    await two.disconnect()
    while (await told(watching, "looking"))["user_ids"] != here(nok):
        pass


async def test_leaving_a_private_room_ends_its_focus(listen, nok, ben):
    room = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(join_channel, room, ben.user, by=by(nok))
    inside, leaving = await listen(nok), await listen(ben)
    await looks(leaving, room)
    await told(leaving, "looking")
    await elsewhere(leave_channel, room, ben.user, by=by(ben))
    await told(leaving, "channel_left")
    await looks(inside, room)
    assert (await told(inside, "looking"))["user_ids"] == here(nok)
    await leaving.send_json_to({"type": "ping"})
    kinds = []
    while "pong" not in kinds:
        kinds.append((await leaving.next()).get("type"))
    assert "looking" not in kinds


async def test_typing_is_sent_to_other_members_only(listen, nok, ben, general):
    typing, other = await listen(ben), await listen(nok)
    await typing.send_json_to({"type": "typing", "channel_id": str(general.pk)})
    said = await told(other, "typing")
    assert said == {"type": "typing", "channel_id": str(general.pk), "user_id": str(ben.user_id)}
    await typing.send_json_to({"type": "ping"})
    assert (await typing.next())["type"] != "typing"


async def test_typing_in_a_private_room_is_sent_to_its_members_only(listen, nok, ben, ploy):
    room = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(join_channel, room, ploy.user, by=by(nok))
    typing, inside, outside = await listen(nok), await listen(ploy), await listen(ben)
    await typing.send_json_to({"type": "typing", "channel_id": str(room.pk)})
    await told(inside, "typing")
    await outside.send_json_to({"type": "ping"})
    assert (await outside.next())["type"] == "pong"


async def test_reconnecting_quickly_keeps_the_user_present(listen, monkeypatch, nok, ben):
    monkeypatch.setattr(home_channel, "DEPARTURE_SECONDS", 0.3)
    watching, page = await listen(nok), await listen(ben)
    await told(watching, "user_joined")
    await page.disconnect()
    following = await listen(ben)
    assert await watching.receive_nothing(0.5)
    await following.disconnect()
    assert await told(watching, "user_left") == {"type": "user_left", "user_id": str(ben.user_id)}


# Several processes: what another one reports


def report_from_another_process(home_id, users):
    get_hub().homes[home_id].on_presence("other", users)


async def test_user_reported_by_another_process_is_present(listen, nok, ben, weekly):
    watching = await listen(nok)
    await looks(watching, weekly)
    await told(watching, "looking")
    report_from_another_process(nok.home_id, {str(ben.user_id): [str(weekly.pk)]})
    assert (await told(watching, "user_joined"))["user_id"] == str(ben.user_id)
    assert (await told(watching, "looking"))["user_ids"] == here(nok, ben)
    assert (await listen(nok)).first["members_online"] == here(nok, ben)
    report_from_another_process(nok.home_id, {})
    assert (await told(watching, "user_left"))["user_id"] == str(ben.user_id)


async def test_user_of_two_processes_stays_present_when_one_loses_them(listen, nok, ben):
    watching, _page = await listen(nok), await listen(ben)
    await told(watching, "user_joined")
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
