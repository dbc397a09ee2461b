"""What happened with tasks, as sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homes.events.models import Event
from homes.hooks import Activity, Names
from planner.models import TaskState

_STATES = {
    TaskState.PENDING: gettext_lazy("%(who)s put %(task)s back on the tasks."),
    TaskState.IN_PROGRESS: gettext_lazy("%(who)s began with %(task)s."),
    TaskState.COMPLETED: gettext_lazy("%(who)s did %(task)s."),
    TaskState.CANCELLED: gettext_lazy("%(who)s cancelled %(task)s."),
}


def _facts(event: Event, names: Names) -> dict[str, object]:
    task = event.data["task"]
    people = [names.get(pk) or _("Former member") for pk in task["assignee_ids"]]
    return {"task": task["title"], "people": ", ".join(people) or _("nobody")}


def _task_updated(event: Event) -> str:
    if "state" in event.changes:
        return str(_STATES[event.data["task"]["state"]])
    if event.changes.keys() == {"assignee_ids"}:
        return _("%(who)s assigned %(task)s to %(people)s.")
    return _("%(who)s changed the task %(task)s.")


TASKS = Activity(
    label=gettext_lazy("Tasks"),
    facts=_facts,
    sentences={
        "task_created": gettext_lazy("%(who)s added the task %(task)s."),
        "task_updated": _task_updated,
        "task_removed": gettext_lazy("%(who)s removed the task %(task)s."),
    },
)
