"""API of tasks."""

from typing import Any

from rest_framework import serializers

from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Date, Id, Line, OneOf, ShortList, Text, TimeOfDay
from pantry.recurrence import MAX_RULE_CHARS
from planner import actions
from planner.actions.lines import MAX_TEXT_LENGTH
from planner.actions.tasks import MAX_ASSIGNEES, MAX_NOTES_LENGTH, MAX_PROJECT_LENGTH, MAX_TITLE_LENGTH
from planner.models import Priority, RepeatsFrom, Task, TaskState


class TaskSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    title = serializers.CharField()
    notes = serializers.CharField()
    project = serializers.CharField()
    priority = serializers.ChoiceField(choices=Priority.choices)
    state = serializers.ChoiceField(choices=TaskState.choices)
    due_on = serializers.DateField(allow_null=True)
    due_time = TimeOfDay(allow_null=True, help_text="By the clocks of the home.")
    rrule = serializers.CharField(help_text="How often it repeats, as an RRULE; empty: it does not.")
    repeats_from = serializers.ChoiceField(choices=RepeatsFrom.choices)
    turn = serializers.UUIDField(
        source="turn_id", allow_null=True, help_text="Whose turn it is of the assignees; null: it is for all of them."
    )
    is_overdue = serializers.BooleanField()
    assignees = serializers.ListField(child=serializers.UUIDField(), source="assignee_ids")
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    closed_by = serializers.UUIDField(source="closed_by_id", allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True, help_text="When it was completed or cancelled.")
    created_at = serializers.DateTimeField()


class TaskFields(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(MAX_TITLE_LENGTH, required=False)
    notes = Text(MAX_NOTES_LENGTH, blank=True, required=False)
    project = Line(MAX_PROJECT_LENGTH, blank=True, required=False)
    priority = serializers.ChoiceField(required=False, choices=Priority.choices)
    due_on = Date(required=False, allow_null=True)
    due_time = TimeOfDay(required=False, allow_null=True, help_text="By the clocks of the home. Needs a `due_on`.")
    rrule = Line(
        MAX_RULE_CHARS,
        blank=True,
        required=False,
        help_text="Such as FREQ=WEEKLY;BYDAY=SU. Completing the task creates the next one. Needs a `due_on`.",
    )
    repeats_from = serializers.ChoiceField(
        required=False,
        choices=RepeatsFrom.choices,
        help_text="Whether the next one is due by the `schedule`, or counted from the `completion`.",
    )
    turn = Id(
        required=False,
        allow_null=True,
        source="turn_id",
        help_text="The assignee whose turn it is; the next task is the turn of the next one.",
    )
    assignees = ShortList(
        child=Id(), required=False, max_length=MAX_ASSIGNEES, source="assignee_ids", help_text="Members of the home."
    )


class NewTask(OneOf, TaskFields):
    """Either a `title` or a `text`. The other fields come before what the text says."""

    one_of = ("title", "text")

    text = Line(
        MAX_TEXT_LENGTH,
        required=False,
        help_text="“clean the fridge by friday @Ben !high #kitchen”: the day and time, people, priority and project "
        "are read from it, and what is not understood stays in the title. A day or time that does not exist is "
        "refused; what stands in quotation marks is part of the title.",
    )


class TaskChange(TaskFields):
    state = serializers.ChoiceField(required=False, choices=TaskState.choices)


TASK_QUERY = {
    "state": serializers.ChoiceField(required=False, choices=[*TaskState.values, "open"]),
    "assignee": Id(required=False),
    "project": Line(MAX_PROJECT_LENGTH, required=False),
    "due_before": Date(required=False, help_text="Due before this day."),
}


class TaskViewSet(HomeViewSet):
    tag = "Tasks"
    lookup_url_kwarg = "task_id"
    queryset = Task.objects.with_assignees()
    serializer_class = TaskSerializer

    @endpoint("List tasks, newest first", paginated=True, columns=False, query=TASK_QUERY)
    def list(self, query: dict[str, Any]) -> Any:
        tasks = self.get_queryset()
        if query.get("state") == "open":
            tasks = tasks.open()
        elif "state" in query:
            tasks = tasks.filter(state=query["state"])
        lookups = {"assignee": "assignments__user", "project": "project", "due_before": "due_on__lt"}
        tasks = tasks.filter(**{lookup: query[name] for name, lookup in lookups.items() if name in query})
        return tasks.select_related("home").order_by("-created_at", "-id")

    @endpoint(
        "Create a task",
        request=NewTask,
        errors=(400, 404),
        example={"text": "Clean the fridge by friday !high #kitchen"},
    )
    def create(self, data: dict[str, Any]) -> Any:
        create = actions.write_task if "text" in data else actions.create_task
        return create(by=self.actor(), **data)

    retrieve = retrieve_endpoint("Retrieve a task")
    partial_update = action_endpoint(
        actions.change_task, "Change, complete, cancel or reopen a task", request=TaskChange,
        example={"state": "completed"}, errors=(400, 404),
    )  # fmt: skip
    destroy = action_endpoint(actions.remove_task, "Remove a task")
