"""Tools for tasks."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import Field

from groceries.parsing.names import normalize
from homes.events.actor import Actor
from pantry.errors import ActionError, ChoiceNeeded
from pixie.tools.arguments import MemberName
from pixie.tools.lookup import get_member, quote_names
from pixie.tools.registry import Effects, Line, Result, tool
from planner import actions
from planner.actions.lines import MAX_TEXT_LENGTH, parse_task
from planner.models import Task, TaskState

MAX_RESULTS = 20
TEXT = "In one line: “clean the fridge by friday at 18:00 @Ben !high #kitchen”, “take the bins out every sunday”"
TaskName = Annotated[str, Field(min_length=1, max_length=200, description="Its title; need not match exactly")]


@tool()
def create_task(
    actor: Actor, text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH, description=TEXT)]
) -> Result:
    """Write down something to do. Day, time, people, priority, project and how often are read from the text."""
    task = actions.write_task(text, by=actor)
    unknown = parse_task(text, actor.home).unknown
    return Result("create_task", {**_facts(task), "unknown": unknown}, (Line(task.title),))


@tool(scope="read")
def list_tasks(
    actor: Actor,
    member: MemberName = None,
    project: Annotated[str | None, Field(description="Only of this project")] = None,
) -> Result:
    """List what is to do, what is due first before what has no date."""
    rows: Any = Task.objects.filter(home=actor.home).open().select_related("home").with_people()
    if member:
        rows = rows.filter(assignments__user=get_member(actor, member).user_id)
    if project:
        rows = rows.filter(project__iexact=project)
    facts = [_facts(task) for task in rows[:MAX_RESULTS]]
    return Result("list_tasks", {"tasks": facts, "more": rows.count() - len(facts)})


def _resolve_task(actor: Actor, task: str) -> dict[str, Any]:
    return {"task": _find_task(actor, task).title}


@tool(effects=Effects(takes_away=True), resolve=_resolve_task)
def complete_task(actor: Actor, task: TaskName) -> Result:
    """Say that a task is done. Of one that repeats, the next is written down."""
    done = actions.change_task(_find_task(actor, task), by=actor, state=TaskState.COMPLETED)
    following = Task.objects.filter(pk=done.next_id).first() if done.rrule else None
    facts = {**_facts(done), "next_on": following.due_on if following is not None else None}
    return Result("complete_task", facts, (Line(done.title),))


def _find_task(actor: Actor, name: str) -> Task:
    """Return the open task of that title, of several the one that is due first. Raises ActionError for none, and
    ChoiceNeeded for several titles."""
    rows: list[Task] = list(Task.objects.filter(home=actor.home).open().select_related("home").with_people())
    title = normalize(name)
    exact = [row for row in rows if normalize(row.title) == title]
    matches = exact or [row for row in rows if title and title in normalize(row.title)]
    if not matches:
        raise ActionError(_("There is no open task “%(task)s”."), task=name)
    titles = list(dict.fromkeys(row.title for row in matches))
    if len(titles) > 1:
        choices = {title: title for title in titles}
        raise ChoiceNeeded(_("Which one: %(named)s?"), name, choices, named=quote_names(titles))
    return matches[0]


def _facts(task: Task) -> dict[str, Any]:
    return {
        "title": task.title,
        "due_on": task.due_on,
        "due_time": task.due_time,
        "is_overdue": task.is_overdue,
        "how_often": task.how_often,
        "people": [user.name for user in task.doers],
    }
