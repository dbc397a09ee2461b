import re
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from chat.actions import open_dm, send_message
from chat.models import Message
from groceries.actions import add_entry, add_to_pantry, purchase_entry, set_recurring, start_shopping
from homes.actions import remove_member, update_home
from pixie.models import PendingAction
from planner.actions import create_event, create_task, write_task
from planner.models import Task
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/"


def test_page_shows_list_messages_and_spending(url, nok, weekly, milk, eggs, general, sign_in):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    send_message(general, "The lift is being mended", by=by(nok))
    page = sign_in(nok).get(url)
    assert page.status_code == 200
    for text in ("Weekly shop", "1 of 2", "1 item to buy", "The lift is being mended", "฿45"):
        assert text in page.text


def test_page_of_an_empty_home(url, nok, sign_in):
    page = sign_in(nok).get(url).text
    assert "No open list" in page
    assert "No messages yet." in page
    assert "Invite someone" in page


@pytest.mark.parametrize(
    ("hour", "greeting"),
    [("04:59", "Good evening"), ("05:00", "Good morning"), ("12:00", "Good afternoon"), ("18:00", "Good evening")],
)
def test_greeting_follows_the_homes_time_zone(url, freeze_time, nok, sign_in, hour, greeting):
    freeze_time(f"2026-03-04 {hour}")
    page = sign_in(nok).get(url).text
    assert f"{greeting}, Nok" in page
    assert "Wednesday 4 March, Apartment 42" in page


@pytest.mark.parametrize(("now", "shown"), [("2026-03-04 06:00", "00:30"), ("2026-03-05 06:00", "Wed 4")])
def test_message_of_the_local_day_has_its_time_and_others_their_day(
    url, nok, general, freeze_time, sign_in, now, shown
):
    message = send_message(general, "Who is still up?", by=by(nok))
    Message.objects.filter(pk=message.pk).update(created_at=freeze_time("2026-03-04 00:30"))
    freeze_time(now)
    page = sign_in(nok).get(url).text
    assert re.search(r'<time class="hour"[^>]*>([^<]*)', page)[1].strip() == shown


def test_htmx_request_gets_the_partial_only(url, nok, sign_in):
    html = sign_in(nok).get(url, headers={"HX-Request": "true"}).text
    assert "<html" not in html
    assert 'id="dock"' in html


def test_page_shows_pending_question(url, nok, weekly, tell, sign_in):
    question = tell("add 500 eggs")
    page = sign_in(nok).get(url).text
    assert "Pixie asks" in page
    assert f"{url}answer/{question.pk}" in page
    assert page.count(f'id="asks-{question.pk}"') == 1


def test_two_pending_actions_of_a_message_are_one_question(url, nok, weekly, tell, sign_in):
    tell("We need 500 lemons and 600 limes")
    assert sign_in(nok).get(url).text.count("Pixie asks") == 1


def test_expired_question_is_not_shown(url, nok, weekly, tell, sign_in):
    tell("add 500 eggs")
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert "Pixie asks" not in sign_in(nok).get(url).text


def test_question_in_another_members_chat_is_not_shown(url, nok, ben, weekly, tell, sign_in):
    tell("add 500 eggs")
    assert "Pixie asks" not in sign_in(ben).get(url).text


def test_private_messages_of_others_are_not_shown(url, nok, ben, ploy, sign_in):
    send_message(open_dm(ploy.user, by=by(ben)), "A present for Nok", by=by(ben))
    assert "A present for Nok" not in sign_in(nok).get(url).text
    page = sign_in(ploy).get(url).text
    assert "1 unread direct message" in page
    assert "A present for Nok" not in page  # which somebody may see over a shoulder


def test_recurring_item_is_offered_when_due_soon(url, freeze_time, nok, weekly, sign_in):
    freeze_time("2026-03-04 09:00")
    rule = set_recurring("Rice", "weekly", by=by(nok))
    assert "Due soon" not in sign_in(nok).get(url).text
    freeze_time("2026-03-08 09:00")
    assert f"recurring/{rule.pk}/add" in sign_in(nok).get(url).text
    add_entry(weekly, "rice", by=by(nok))
    assert "Due soon" not in sign_in(nok).get(url).text


def test_page_shows_what_is_left_of_the_budget(url, freeze_time, nok, weekly, milk, sign_in):
    freeze_time("2026-03-04 09:00")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    purchase_entry(milk, by=by(nok), price=Decimal(100))
    assert "฿900" in sign_in(nok).get(url).text


def test_message_of_a_former_member_is_shown(url, nok, ben, general, sign_in):
    send_message(general, "Goodbye", by=by(ben))
    remove_member(ben, by=by(ben))
    page = sign_in(nok).get(url).text
    assert "Goodbye" in page
    assert "Former member" in page


def test_query_count_does_not_grow_with_rows(url, nok, weekly, agent_chat, general, sign_in):
    client, today = sign_in(nok), nok.home.now().date()

    def fill(count):
        for number in range(count):
            add_entry(weekly, f"Spice {number} of {count}", by=by(nok))
            send_message(general, f"Word {number}", by=by(nok))
            set_recurring(f"Rule {number} of {count}", "weekly", by=by(nok))
            create_task(f"Task {number}", by=by(nok), due_on=today, assignee_ids=[nok.user_id])
            create_event(f"Event {number}", by=by(nok), starts_on=today, guest_ids=[nok.user_id])
            add_to_pantry(f"Batch {number} of {count}", by=by(nok), best_before=today)

    fill(3)
    query_count = queries_of(lambda: client.get(url))
    fill(57)
    assert queries_of(lambda: client.get(url)) == query_count


@pytest.fixture
def full_day(freeze_time, nok, ben, weekly, milk, general):
    """Something of everything, on a Wednesday at nine."""
    freeze_time("2026-03-04 09:00")
    create_task("Water the plants", by=by(nok), due_on=date(2026, 3, 3))
    for text in ("sweep the stairs @Ben today", "pay the rent today", "paint tomorrow"):
        write_task(text, by=by(nok))
    times = {"starts_on": date(2026, 3, 4), "start_time": time(19), "end_time": time(22)}
    create_event("Dinner", by=by(nok), **times)
    create_event("Breakfast", by=by(nok), starts_on=date(2026, 3, 4), start_time=time(7), end_time=time(8))
    for name, days in (("Ham", -1), ("Cream", 2), ("Jam", 30)):
        add_to_pantry(name, by=by(nok), best_before=date(2026, 3, 4) + timedelta(days=days))
    start_shopping(weekly, by=by(ben))
    send_message(general, "The lift is being mended", by=by(ben))


def test_page_shows_what_the_day_brings(url, nok, full_day, sign_in):
    page = sign_in(nok).get(url).text
    texts = ("Water the plants", "Pay the rent", "Sweep the stairs", "Dinner", "Ham", "Cream", "is shopping")
    assert [text for text in (*texts, "1 unread message in") if text.lower() not in page.lower()] == []
    assert [text for text in ("paint", "breakfast", "Jam,") if text.lower() in page.lower()] == []
    places = [page.lower().index(text) for text in ("water the plants", "pay the rent", "sweep the stairs")]
    assert places == sorted(places)  # one's own and nobody's tasks first


def test_task_is_ticked_where_it_is_shown(url, nok, full_day, sign_in):
    task = Task.objects.get(title__iexact="pay the rent")
    done = sign_in(nok).post(f"{url}tasks/{task.pk}/complete", {"next": url})
    assert (done.status_code, done.url) == (302, url)
    elsewhere = sign_in(nok).post(f"{url}tasks/{task.pk}/reopen", {"next": "https://elsewhere.example/"})
    assert elsewhere.url == f"{url}tasks/"


def test_api_has_what_the_page_shows(nok, ben, mai, weekly, full_day):
    answer = ApiClient(nok).get(f"/homes/{nok.home_id}/today").json()
    titles = [task["title"].lower() for task in answer["tasks"]]
    assert answer["day"] == "2026-03-04"
    assert titles == [
        "water the plants",
        "pay the rent",
        "sweep the stairs",
    ]
    assert [event["title"] for event in answer["events"]] == ["Dinner"]
    assert (answer["current_list"]["id"], answer["to_get"], answer["got"]) == (str(weekly.pk), 1, 0)
    assert answer["shoppers"] == [str(ben.user_id)]
    assert [batch["item"]["name"] for batch in answer["use_soon"]] == ["Ham", "Cream"]
    assert [(each["kind"], each["unread"]) for each in answer["unread"]] == [("public", 1)]
    assert ApiClient(mai).get(f"/homes/{nok.home_id}/today").status_code == 403


def test_page_of_another_home_is_not_found(url, mai, sign_in):
    assert sign_in(mai).get(url).status_code == 404


def test_anonymous_request_redirects_to_login(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"


def test_post_is_not_allowed(url, nok, sign_in):
    assert sign_in(nok).post(url).status_code == 405
