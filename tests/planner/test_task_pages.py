"""Pages of tasks."""

from datetime import date, timedelta

import pytest

from homes.events.models import Event
from planner.actions import change_task, create_task
from planner.models import Task
from tests.factories import by

OPERATION = "01900000-0000-7000-8000-000000000001"


@pytest.fixture
def page(nok, sign_in):
    client = sign_in(nok)

    def get(path="tasks/", **data):
        url = f"/h/{nok.home_id}/{path}"
        return client.post(url, data, follow=True) if data else client.get(url)

    return get


def test_tasks_are_grouped_by_when_they_are_due(nok, page, freeze_time):
    today = freeze_time("2026-03-14 12:00").date()
    for days in (-1, 0, 1, 7, 8):
        create_task(f"In {days} days", by=by(nok), due_on=today + timedelta(days=days))
    create_task("Some day", by=by(nok))
    groups = {name: [str(task) for task in tasks] for name, tasks in page().context["groups"]}
    assert groups == {
        "Overdue": ["In -1 days"],
        "Today": ["In 0 days"],
        "In the next seven days": ["In 1 days", "In 7 days"],
        "Later": ["In 8 days"],
        "Without a date": ["Some day"],
    }


@pytest.mark.parametrize("path", ["tasks/", "tasks/?mine", "calendar/", "calendar/month/"])
def test_live_page_is_loaded_again_without_what_is_around_it(nok, sign_in, path):
    html = sign_in(nok).get(f"/h/{nok.home_id}/{path}", headers={"HX-Request": "true"}).text
    assert 'id="live"' in html
    assert "<html" not in html
    assert 'id="main"' not in html


def test_own_tasks_are_those_of_the_member_and_nobodys(nok, ben, page):
    create_task("Mine", by=by(nok), assignee_ids=[nok.user_id, ben.user_id])
    create_task("Ben's", by=by(nok), assignee_ids=[ben.user_id])
    create_task("Nobody's", by=by(nok))
    text = page("tasks/?mine").text
    assert "Mine" in text and "Nobody&#x27;s" in text
    assert "Ben&#x27;s" not in text


def test_task_is_written_down_done_and_undone(nok, page):
    assert "is on the tasks" in page(text="Clean the fridge on 2026-03-14").text
    task = Task.objects.get()
    done = page(f"tasks/{task.pk}/complete", op_id=OPERATION)
    assert "is done" in done.text and "Done lately" in done.text
    op_id = Event.objects.filter(type="task_updated").values_list("op_id", flat=True).get()
    undone = page(f"plan/operations/{op_id}/undo", op_id=OPERATION)
    assert "Undone" in undone.text
    assert Task.objects.get().is_open


def test_task_is_changed_on_its_page(nok, ben, page):
    task = create_task("Clean the fridge", by=by(nok), project="kitchen")
    form = {"title": "Clean the oven", "state": "in_progress", "priority": "urgent", "repeats_from": "schedule"}
    page(f"tasks/{task.pk}/", **form, assignee_ids=[str(ben.user_id)], project="kitchen", notes="")
    task = Task.objects.with_assignees().get()
    assert (task.title, task.state, task.assignees) == ("Clean the oven", "in_progress", [ben.user])


def test_refused_change_says_why(nok, page):
    task = create_task("Clean the fridge", by=by(nok))
    form = {"title": "Clean the fridge", "state": "pending", "priority": "medium", "repeats_from": "schedule"}
    answer = page(f"tasks/{task.pk}/", **form, due_on="", due_time="09:00")
    assert answer.status_code == 422
    assert "A time needs a day" in answer.text


def test_change_of_one_field_keeps_what_others_changed(nok, ben, page):
    task = create_task("Clean the fridge", by=by(nok))
    change_task(task, by=by(ben), notes="Behind it, too")
    form = {"title": "Clean the oven", "state": "pending", "priority": "medium", "repeats_from": "schedule"}
    page(f"tasks/{task.pk}/", **form, notes="Behind it, too")
    assert Task.objects.get().notes == "Behind it, too"


def test_preview_says_what_a_line_means(nok, ben, page):
    text = page("tasks/understood?text=clean+the+oven+on+2026-03-14+at+18:30+@ben+@bob+!high+%23kitchen").text
    for words in ("<strong>clean the oven @bob</strong>", "18:30", ben.user.name, "High", "kitchen"):
        assert words in text
    assert "Not understood: @bob" in text
    assert "There is no “on 31 February”" in page("tasks/understood?text=oven+on+31+February").text
    assert "understood" not in page("tasks/understood?text=+").text
    assert not Task.objects.exists()


def test_line_says_a_task(nok, ben, page):
    assert "left in the title: @bob" in page(text="clean the oven on 2026-03-14 @Ben @bob !high #kitchen").text
    task = Task.objects.with_assignees().get()
    assert (str(task), str(task.due_on), task.assignees) == ("clean the oven @bob", "2026-03-14", [ben.user])
    assert (task.priority, task.project) == ("high", "kitchen")


def test_line_with_an_impossible_time_is_asked_about(nok, page):
    refused = page(text="clean the oven at 25:00")
    assert refused.status_code == 422
    assert "There is no “at 25:00”" in refused.text
    assert not Task.objects.exists()


def test_how_often_is_said_in_words(nok, ben, page):
    both = [nok.user_id, ben.user_id]
    task = create_task("Bins", by=by(nok), due_on=date(2026, 3, 14), assignee_ids=both)
    form = {"title": "Bins", "state": "pending", "priority": "medium", "due_on": "2026-03-14", "assignee_ids": both}
    page(f"tasks/{task.pk}/", **form, rrule="every 2 weeks", repeats_from="completion", turn_id=str(ben.user_id))
    task = Task.objects.get()
    assert (task.rrule, task.repeats_from, task.turn_id) == ("FREQ=WEEKLY;INTERVAL=2", "completion", ben.user_id)
    assert "every 2 weeks" in page().text
    assert "every 2 weeks" in page(f"tasks/{task.pk}/").text
    refused = page(f"tasks/{task.pk}/", **form, rrule="now and then", repeats_from="completion")
    assert "valid recurrence rule" in refused.text
    assert "every day" in page("tasks/understood?text=bins+every+day").text
