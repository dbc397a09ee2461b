"""Forms of tasks."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from homes.models import Home, Membership
from pantry.forms import DateInput, LineField, TextField, TimeInput, plain_input
from pantry.recurrence import MAX_RULE_CHARS
from pantry.when import find_frequency, find_thai_frequency
from planner.actions.lines import MAX_TEXT_LENGTH
from planner.actions.tasks import MAX_NOTES_LENGTH, MAX_PROJECT_LENGTH, MAX_TITLE_LENGTH
from planner.models import Priority, RepeatsFrom, Task, TaskState


class NewTaskForm(forms.Form):
    text = LineField(
        label=_("What is to do?"),
        max_length=MAX_TEXT_LENGTH,
        widget=plain_input(placeholder=_("Clean the fridge by Friday @Ben !high #kitchen")),
    )

    def __init__(self, data: Any = None, *, preview_url: str) -> None:
        """`preview_url` shows what is understood while somebody types."""
        super().__init__(data)
        trigger = {"hx-trigger": "input changed delay:200ms", "hx-sync": "this:replace"}
        self.fields["text"].widget.attrs |= {
            **trigger, "hx-get": preview_url, "hx-target": "#understood", "hx-swap": "innerMorph",
        }  # fmt: skip


class TaskForm(forms.Form):
    title = LineField(label=_("Title"), max_length=MAX_TITLE_LENGTH, widget=plain_input())
    state = forms.ChoiceField(label=_("State"), choices=TaskState.choices)
    due_on = forms.DateField(label=_("Due on"), required=False, widget=DateInput())
    due_time = forms.TimeField(label=_("At"), required=False, widget=TimeInput())
    rrule = LineField(
        label=_("Repeats"),
        max_length=MAX_RULE_CHARS,
        required=False,
        widget=plain_input(placeholder=_("every Sunday")),
        help_text=_("In words, such as “every Sunday” or “every 2 weeks”, or as calendars write it."),
    )
    repeats_from = forms.ChoiceField(label=_("The next one is counted from"), choices=RepeatsFrom.choices)
    turn_id = forms.TypedChoiceField(
        label=_("Whose turn it is"),
        required=False,
        coerce=UUID,
        empty_value=None,
        help_text=_("The people to whom it is assigned take turns."),
    )
    assignee_ids = forms.TypedMultipleChoiceField(
        label=_("Assigned to"),
        required=False,
        coerce=UUID,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
    )
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices)
    project = LineField(
        label=_("Project"), max_length=MAX_PROJECT_LENGTH, required=False, widget=plain_input(list="projects")
    )
    notes = TextField(
        label=_("Notes"), max_length=MAX_NOTES_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, home: Home, task: Task) -> None:
        own = ("title", "state", "due_on", "due_time", "rrule", "repeats_from", "priority", "project", "notes")
        initial = {name: getattr(task, name) for name in own}
        people = {"assignee_ids": list(map(str, task.assignee_ids)), "turn_id": str(task.turn_id or "")}
        super().__init__(data, initial={**initial, **people})
        members = Membership.objects.filter(home=home).select_related("user").order_by("joined_at", "id")
        field: Any = self.fields["assignee_ids"]
        field.choices = [(str(member.user_id), member.user.name) for member in members]
        turn: Any = self.fields["turn_id"]
        turn.choices = [("", _("It is for all of them")), *field.choices]
        if task.rrule:
            self.fields["rrule"].help_text = task.how_often
        for each in self.fields.values():
            each.show_hidden_initial = True  # so that what others changed meanwhile stays
        self.projects = Task.objects.filter(home=home).exclude(project="").values_list("project", flat=True).distinct()

    def clean_rrule(self) -> str:
        """Return the rule of what may be in words."""
        text: str = self.cleaned_data["rrule"]
        frequency = find_frequency(text) or find_thai_frequency(text)
        return frequency.rrule if frequency is not None and not frequency.rest else text

    def changes(self) -> dict[str, Any]:
        """Return the fields that were changed, so that what others changed meanwhile stays."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
