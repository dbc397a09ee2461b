"""Tools for tasks, and the answers from what they did."""

from datetime import date

import pytest

from homes.events.models import Event
from homes.events.undo import undo_event
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.runs.tool_calls import try_tool
from planner.actions import create_task
from planner.models import Task
from tests.factories import by


@pytest.fixture
def use(nok, ben, pixie, freeze_time):
    """Call a tool for Nok, and return the answer."""
    freeze_time("2026-03-14 05:00")

    def call(tool, **arguments):
        outcome = try_tool(by(nok).as_agent(pixie), Proposal(tool, arguments, 1.0), is_confirmed=True)
        return answers.describe_outcomes([outcome])

    return call


def test_task_is_written_down_from_a_line(ben, use):
    answer = use("create_task", text="Clean the oven by friday at 18:00 @Ben @bob #kitchen")
    assert answer == (
        "Clean the oven @bob is on the tasks: 20 March 2026 18:00, Ben. Not understood, and left in the title: @bob."
    )
    task = Task.objects.with_assignees().get()
    assert (task.due_on, task.assignees, task.project) == (date(2026, 3, 20), [ben.user], "kitchen")


def test_tasks_are_listed_by_when_they_are_due(nok, ben, use):
    assert use("list_tasks") == "There is nothing to do."
    create_task("Some day", by=by(nok))
    create_task("Oven", by=by(nok), due_on=date(2026, 3, 1), project="Kitchen", assignee_ids=[ben.user_id])
    assert use("list_tasks") == "Oven (overdue, 1 March 2026, Ben)\nSome day"
    assert use("list_tasks", member="ben") == use("list_tasks", project="kitchen")
    assert use("list_tasks", member="me") == "There is nothing to do."


@pytest.mark.both_databases
def test_completed_task_comes_again_until_it_is_undone(nok, use):
    create_task("Take the bins out", by=by(nok), due_on=date(2026, 3, 14), rrule="FREQ=WEEKLY")
    assert use("complete_task", task="bins") == "Take the bins out is done. It is to do again on 21 March 2026."
    undo_event(Event.objects.filter(type="task_updated").latest("seq"), by=by(nok))
    assert Task.objects.get().is_open


def test_task_that_is_not_clear_is_asked_about(nok, use):
    create_task("Clean the oven", by=by(nok))
    create_task("Clean the fridge", by=by(nok))
    assert "Which one" in use("complete_task", task="clean")
    assert use("complete_task", task="Bins") == "There is no open task “Bins”."
    assert use("complete_task", task="oven") == "Clean the oven is done."
