"""Pages of tasks. Every change can be undone from its toast."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homes.accounts.models import User
from homes.decorators import MemberRequest, error_messages, member_form, member_page, member_post
from homes.events.actor import Actor
from homes.models import Home
from homes.operations import operation, redirect_to_next, undo_and_report
from pantry.errors import ActionError
from pantry.forms import form_errors, render_form
from pantry.recurrence import describe_rule
from planner.actions import change_task, remove_task, write_task
from planner.actions.lines import parse_task
from planner.forms import NewTaskForm, TaskForm
from planner.models import Priority, Task, TaskState

CLOSED_TASKS = 20  # shown below the open ones
DONE = {
    TaskState.COMPLETED: gettext_lazy("%(task)s is done."),
    TaskState.PENDING: gettext_lazy("%(task)s is to do again."),
}


@member_form
def tasks(request: MemberRequest) -> HttpResponse:
    """List the open tasks by when they are due and the last closed ones, with a form to create one.

    `?mine` shows those that are assigned to the member or nobody.
    """
    form = NewTaskForm(request.POST or None, preview_url=reverse("planner:understood", args=[request.home.pk]))
    if form.is_valid():
        with form_errors(form, "text"):
            by, text = operation(request), form.cleaned_data["text"]
            task = write_task(text, by=by)
            offer_undo(request, by, _said_of_new(task, parse_task(text, request.home).unknown))
            return redirect("planner:tasks", request.home.pk)
    rows = Task.objects.visible_to(request.member).with_people()
    is_mine = "mine" in request.GET
    if is_mine:
        rows = rows.filter(Q(assignments__user=request.user) | Q(assignments=None))
    context = {
        "groups": group_tasks(rows.open(), request.home),
        "closed": with_home(rows.closed()[:CLOSED_TASKS], request.home),
        "is_mine": is_mine,
        "tab": "plan",
    }
    return render_form(request, "planner/tasks.html#tasks" if request.htmx else "planner/tasks.html", form, **context)


@member_page
def preview(request: MemberRequest) -> HttpResponse:
    """Show what the text in the field would add."""
    text, parsed, error = request.GET.get("text", ""), None, ""
    if text.strip():
        try:
            parsed = parse_task(text, request.home)
        except ActionError as refused:
            error = str(refused)
    people = User.objects.filter(pk__in=parsed.assignee_ids) if parsed is not None and parsed.assignee_ids else ()
    context = {
        "parsed": parsed,
        "error": error,
        "often": describe_rule(parsed.rrule) if parsed is not None and parsed.rrule else "",
        "people": people,
        "priority": Priority(parsed.priority).label if parsed is not None and parsed.priority else "",
    }
    return render(request, "planner/_understood.html", context)


@member_form
def task(request: MemberRequest, task_id: UUID) -> HttpResponse:
    """Change a task."""
    row, by = get_task(request, task_id), operation(request)
    form = TaskForm(request.POST or None, home=request.home, task=row)
    if form.is_valid():
        with form_errors(form):
            row = change_task(row, by=by, **form.changes())
            offer_undo(request, by, _("%(task)s is changed.") % {"task": row})
            return redirect("planner:tasks", request.home.pk)
    return render_form(request, "planner/task.html", form, task=row, tab="plan")


@member_post
def set_state(request: MemberRequest, task_id: UUID, state: str) -> HttpResponse:
    row, by = get_task(request, task_id), operation(request)
    with error_messages(request):
        change_task(row, by=by, state=state)
        offer_undo(request, by, DONE[TaskState(state)] % {"task": row})
    return redirect_to_next(request, reverse("planner:tasks", args=[request.home.pk]))


@member_post
def remove(request: MemberRequest, task_id: UUID) -> HttpResponse:
    row, by = get_task(request, task_id), operation(request)
    with error_messages(request):
        remove_task(row, by=by)
        offer_undo(request, by, _("%(task)s is removed.") % {"task": row})
    return redirect("planner:tasks", request.home.pk)


@member_post
def undo(request: MemberRequest, op_id: UUID) -> HttpResponse:
    """Undo an operation of the member's own."""
    undo_and_report(request, op_id)
    return redirect("planner:tasks", request.home.pk)


def _said_of_new(task: Task, unknown: Sequence[str]) -> str:
    done = _("%(task)s is on the tasks.") % {"task": task}
    if not unknown:
        return done
    left = _("Not understood, and left in the title: %(words)s.") % {"words": ", ".join(unknown)}
    return f"{done} {left}"


def group_tasks(rows: Any, home: Home) -> list[tuple[str, list[Task]]]:
    """Return the open tasks by when they are due, without empty groups."""
    today = home.now().date()
    groups: dict[str, list[Task]] = {
        name: [] for name in (_("Overdue"), _("Today"), _("In the next seven days"), _("Later"), _("Without a date"))
    }
    overdue, due_today, soon, later, undated = groups.values()
    for row in with_home(rows, home):
        if row.due_on is None:
            undated.append(row)
        elif row.is_overdue:
            overdue.append(row)
        elif row.due_on <= today:
            due_today.append(row)
        else:
            (soon if row.due_on <= today + timedelta(days=7) else later).append(row)
    return [(name, group) for name, group in groups.items() if group]


def with_home(rows: Any, home: Home) -> list[Task]:
    """Return the rows with their home, which they need to tell the time."""
    tasks_of_home: list[Task] = list(rows)
    for row in tasks_of_home:
        row.home = home
    return tasks_of_home


def get_task(request: MemberRequest, task_id: UUID) -> Task:
    rows: Any = Task.objects.visible_to(request.member).with_people().select_related("home")
    row: Task = get_object_or_404(rows, pk=task_id)
    return row


def offer_undo(request: MemberRequest, by: Actor, text: str) -> None:
    """Say in a toast what is done, with Undo."""
    messages.success(request, text, extra_tags=reverse("planner:undo", args=[request.home.pk, by.op_id]))
