"""Create a task from one line: “clean the fridge by friday @Ben !high #kitchen”."""

from collections import Counter
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from homes.events.actor import Actor
from homes.models import Home, Membership
from pantry.errors import ActionError, check_length
from planner.actions.tasks import create_task
from planner.models import Task
from planner.parsing import ParsedTask, parse_task_text

MAX_TEXT_LENGTH = 400


def parse_task(text: str, home: Home) -> ParsedTask:
    """Read a line. Raises ActionError for a day or time that does not exist, and for a line that is too long."""
    projects = Task.objects.filter(home=home).exclude(project="").values_list("project", flat=True).distinct()
    task = parse_task_text(check_length(text, MAX_TEXT_LENGTH), _member_names(home), projects, home.now())
    if task.impossible:
        message = _("There is no “%(words)s”. Correct it, or put it in quotation marks if it belongs to the title.")
        raise ActionError(message % {"words": task.impossible})
    return task


def write_task(text: str, *, by: Actor, **fields: Any) -> Task:
    """Create the task that the line says. `fields` are those of `create_task`, and come before what the line says.

    Raises ActionError for a day or time that does not exist, and those of `create_task`.
    """
    parsed = parse_task(text, by.home)
    names = ("due_on", "due_time", "rrule", "assignee_ids", "priority", "project")
    parsed_fields = {name: getattr(parsed, name) for name in names}
    task: Task = create_task(parsed.title, by=by, **{**{k: v for k, v in parsed_fields.items() if v}, **fields})
    return task


def _member_names(home: Home) -> dict[str, UUID]:
    """Return the members by full name, and by first name. A name of several people is nobody's."""
    members = Membership.objects.filter(home=home).values_list("user_id", "user__name")
    names = [(name.casefold(), pk) for pk, whole in members for name in {whole, whole.split(" ")[0]} if name]
    count = Counter(name for name, _pk in names)
    return {name: pk for name, pk in names if count[name] == 1}
