"""The activity of a home, as sentences."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from chat.actions import create_channel, open_dm, send_message
from groceries.actions import (
    add_entry,
    add_to_pantry,
    assign_entry,
    change_entry,
    create_expense,
    remember_barcode,
    rename_list,
    update_item,
    use_batch,
)
from homes.actions import remove_member
from homes.activity import activities, describe, page_of
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from homes.events.schemas import SCHEMAS
from homes.files.actions import add_file, remove_file
from pixie.actions import remember_passage
from planner.actions import change_event, change_task, create_event, create_task, remove_event, remove_task
from tests.counting import queries_of
from tests.factories import by
from tests.pictures import picture

pytestmark = pytest.mark.both_databases


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/activity/"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


def sentences(home):
    events = Event.objects.filter(home=home).order_by("-seq").select_related("actor_user", "actor_agent")
    return [happening.sentence for happening in describe(list(events), home)]


def test_every_type_of_event_has_one_sentence():
    types = [event_type for activity in activities().values() for event_type in activity.sentences]
    assert sorted(types) == sorted(SCHEMAS)


def test_sentences_name_what_changed(nok, ben, pixie, weekly, milk):
    update_item(milk.item, by=by(nok), estimated_price=Decimal(45), name="Cow milk")
    rename_list(weekly, "Big shop", by=by(ben).as_agent(pixie))
    create_expense("Pizza", Decimal(450), by=by(nok))
    add_entry(weekly, "Tea", by=Actor(nok.home, origin=Origin.TASK))
    add_entry(weekly, "Cake", by=Actor(nok.home, origin=Origin.GUEST))
    remove_member(ben, by=by(nok))
    newest = sentences(nok.home)[:8]
    assert "Nok removed Ben from the home." in newest
    assert "A guest added Cake to “Big shop”." in newest
    assert "Pantry Pixie added Tea to “Big shop”." in newest
    assert "Nok added the expense Pizza: ฿450, paid by Nok." in newest
    assert "Pixie for Ben changed “Big shop”: name from Weekly shop to Big shop." in newest
    assert "Nok changed the item Cow milk: name from Milk to Cow milk, usual price to ฿45." in newest


def test_sentences_tell_of_the_pantry_assignments_files_and_tasks(nok, ben, milk):
    assign_entry(milk, ben.user, by=by(nok))
    assign_entry(milk, None, by=by(nok))
    batch = add_to_pantry("Rice", by=by(nok), quantity=Decimal(2), unit="kg")
    use_batch(batch, Decimal(1), by=by(ben))
    use_batch(batch, by=by(ben))
    remember_barcode("4006381333931", "Rice", by=by(nok))
    remove_file(add_file("entry", milk, "milk.jpg", picture(), by=by(nok)), by=by(nok))
    task = create_task("Clean the fridge", by=by(nok))
    change_task(task, by=by(nok), assignee_ids=[ben.user_id])
    change_task(task, by=by(ben), state="completed")
    remove_task(task, by=by(nok))
    lines = [each for each in reversed(sentences(nok.home)) if "created the item" not in each]
    assert lines[-12:] == [
        "Nok asked Ben to get Milk.",
        "Nok said that anybody can get Milk.",
        "Nok put Rice (2 kg) into the pantry.",
        "Ben changed what is at home of Rice: Rice (1 kg).",
        "Ben took Rice (1 kg) out of the pantry.",
        "Nok noted that the barcode 4006381333931 is Rice.",
        "Nok added the file milk.jpg.",
        "Nok removed the file milk.jpg.",
        "Nok added the task Clean the fridge.",
        "Nok assigned Clean the fridge to Ben.",
        "Ben did Clean the fridge.",
        "Nok removed the task Clean the fridge.",
    ]


def test_sentences_tell_of_the_calendar(nok, ben):
    day = date(2026, 3, 14)
    dinner = create_event("Dinner", by=by(nok), starts_on=day, rrule="FREQ=DAILY")
    change_event(dinner, by=by(ben), scope="this", on=day + timedelta(days=2), starts_on=day + timedelta(days=1))
    change_event(dinner, by=by(nok), guest_ids=[ben.user_id])
    change_event(dinner, by=by(nok), starts_on=day + timedelta(days=7))
    change_event(dinner, by=by(nok), notes="Bring wine")
    remove_event(dinner, by=by(nok))
    assert list(reversed(sentences(nok.home)))[-9:] == [
        "Nok put Dinner on the calendar, for 14 March 2026.",
        "Ben took a day of Dinner off the calendar.",
        "Ben changed one day of Dinner: it is on 15 March 2026.",
        "Nok invited Ben to Dinner.",
        "Nok moved Dinner to 21 March 2026.",
        "Nok changed the event Dinner.",
        "Nok changed the event Dinner.",
        "Nok took Dinner off the calendar.",
        "Nok took Dinner off the calendar.",
    ]


def test_private_rooms_and_direct_messages_are_for_their_readers_alone(nok, ben, ploy, url, sign_in):
    presents = create_channel("presents", by=by(nok), is_private=True)
    send_message(presents, "A coffee grinder", by=by(nok))
    send_message(open_dm(ben.user, by=by(nok)), "Let the plumber in", by=by(nok))
    page = sign_in(nok).get(url).text
    assert "A coffee grinder" in page
    assert "Let the plumber in" in page
    page = sign_in(ploy).get(url).text
    assert "presents" not in page
    assert "A coffee grinder" not in page
    assert "Let the plumber in" not in page


def test_activity_is_filtered_by_member_kind_and_day(client, nok, ben, url, milk, general):
    send_message(general, "Hello all", by=by(ben))
    page = client.get(url, {"member": str(ben.user_id)}).text
    assert "Hello all" in page
    assert "Milk" not in page
    page = client.get(url, {"kind": "lists"}).text
    assert "Hello all" not in page
    assert "Milk" in page
    today = timezone.now().astimezone(nok.home.zone).date()
    assert "Milk" in client.get(url, {"day": today.isoformat()}).text
    assert "Milk" not in client.get(url, {"day": (today - timedelta(days=1)).isoformat()}).text


def test_what_follows_from_other_events_is_left_out(client, nok, ploy, url, pixie):
    remember_passage("The bins go out on Tuesday", by=by(nok))
    remember_passage("Milk was bought", by=Actor(nok.home, origin=Origin.TASK))
    page = client.get(url).text
    assert "Nok gave the agents something to remember." in page
    assert "Pantry Pixie gave the agents" not in page


@pytest.mark.parametrize(
    "query", [{"member": "x"}, {"kind": "x"}, {"day": "x"}, {"day": "0001-01-01"}, {"day": "9999-12-31"}]
)
def test_senseless_filter_is_refused(client, url, query):
    assert client.get(url, query).status_code == 422


def test_activity_goes_on_before_an_event(client, nok, url, milk, eggs):
    seq = Event.objects.filter(home=nok.home, type="list_item_added").latest("seq").seq
    page = client.get(url, {"before": seq}).text
    assert "Milk" in page
    assert "Eggs" not in page


def test_pages_of_activity_have_each_event_once(nok, weekly, milk, eggs, rice):
    events, seen = Event.objects.visible_to(nok).order_by("-seq"), []
    page, before = page_of(events, nok.home, limit=3)
    while before is not None:
        seen += [happening.event.seq for happening in page]
        page, before = page_of(events.filter(seq__lt=before), nok.home, limit=3)
    seen += [happening.event.seq for happening in page]
    assert seen == [event.seq for event in events]


def test_activity_costs_the_same_queries_for_more_events(client, nok, ben, url, weekly, milk, general):
    few = queries_of(lambda: client.get(url))
    for number in range(12):
        add_entry(weekly, f"Thing {number}", by=by(ben))
        send_message(general, f"Message {number}", by=by(ben))
    assert queries_of(lambda: client.get(url)) == few


def test_activity_of_another_home_is_not_found(mai, url, nok, milk, sign_in):
    seq = Event.objects.filter(home=nok.home).latest("seq").seq
    assert sign_in(mai).get(url).status_code == 404
    assert sign_in(mai).post(f"/h/{mai.home_id}/activity/{seq + 1000}/undo").status_code == 404
    assert sign_in(mai).post(f"/h/{nok.home_id}/activity/{seq}/undo").status_code == 404
    milk.refresh_from_db()
    assert milk.is_pending


def test_text_that_is_an_id_names_nothing(nok, ben, mai, milk):
    presents = create_channel("presents", by=by(nok), is_private=True)
    for pk in (presents.pk, mai.user_id):
        change_entry(milk, by=by(ben), note=str(pk))
    text = " ".join(sentences(nok.home))
    assert str(presents.pk) in text
    assert "note to presents" not in text
    assert "Mai" not in text
