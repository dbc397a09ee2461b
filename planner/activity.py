"""What happened with tasks and events, as sentences."""

from datetime import date

from django.utils.formats import date_format
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


def _event_facts(event: Event, names: Names) -> dict[str, object]:
    row = event.data["calendar_event"]
    people = [names.get(pk) or _("Former member") for pk in row["guest_ids"]]
    day = date_format(date.fromisoformat(row["starts_on"]), "DATE_FORMAT")
    return {"event": row["title"], "day": day, "people": ", ".join(people) or _("nobody")}


def _event_created(event: Event) -> str:
    if event.data["calendar_event"]["series_id"] is None:
        return _("%(who)s put %(event)s on the calendar, for %(day)s.")
    return _("%(who)s changed one day of %(event)s: it is on %(day)s.")


def _event_updated(event: Event) -> str:
    if event.changes.keys() == {"guest_ids"}:
        return _("%(who)s invited %(people)s to %(event)s.")
    if event.changes.keys() == {"skipped"}:
        return _("%(who)s took a day of %(event)s off the calendar.")
    if event.changes.keys() & {"starts_on", "start_time"}:
        return _("%(who)s moved %(event)s to %(day)s.")
    return _("%(who)s changed the event %(event)s.")


CALENDAR = Activity(
    label=gettext_lazy("Calendar"),
    facts=_event_facts,
    sentences={
        "calendar_event_created": _event_created,
        "calendar_event_updated": _event_updated,
        "calendar_event_removed": gettext_lazy("%(who)s took %(event)s off the calendar."),
    },
)
