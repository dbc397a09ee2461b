"""Forms of events."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from homes.models import Home, Membership
from pantry.forms import DateInput, LineField, TextField, TimeInput, plain_input
from planner.actions import Scope
from planner.actions.events import MAX_NOTES_LENGTH, MAX_PLACE_LENGTH, MAX_RULE_LENGTH, MAX_TITLE_LENGTH
from planner.models import CalendarEvent

OWN_RULE = "rule"
REPEATS = {
    "": _("Never"),
    "FREQ=DAILY": _("Every day"),
    "FREQ=WEEKLY": _("Every week"),
    "FREQ=WEEKLY;INTERVAL=2": _("Every 2 weeks"),
    "FREQ=MONTHLY": _("Every month"),
    "FREQ=YEARLY": _("Every year"),
    OWN_RULE: _("By my own rule"),
}


class EventForm(forms.Form):
    """A new event, or one on the day of its that is changed."""

    scope = forms.ChoiceField(label=_("Change"), choices=Scope.choices, initial=Scope.THIS, widget=forms.RadioSelect)
    title = LineField(label=_("Title"), max_length=MAX_TITLE_LENGTH, widget=plain_input())
    starts_on = forms.DateField(label=_("First day"), widget=DateInput())
    start_time = forms.TimeField(
        label=_("From"), required=False, widget=TimeInput(), help_text=_("Without times it takes the whole day.")
    )
    ends_on = forms.DateField(label=_("Last day"), required=False, widget=DateInput())
    end_time = forms.TimeField(label=_("Until"), required=False, widget=TimeInput())
    repeats = forms.ChoiceField(label=_("Repeats"), required=False, choices=tuple(REPEATS.items()))
    rrule = LineField(
        label=_("Own rule"),
        max_length=MAX_RULE_LENGTH,
        required=False,
        widget=plain_input(autocapitalize="characters", spellcheck="false"),
        help_text=_("As calendars write it: FREQ=MONTHLY;BYDAY=-1FR is the last Friday of every month."),
    )
    place = LineField(label=_("Place"), max_length=MAX_PLACE_LENGTH, required=False, widget=plain_input())
    guest_ids = forms.MultipleChoiceField(
        label=_("Guests"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"})
    )
    notes = TextField(
        label=_("Notes"), max_length=MAX_NOTES_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Any = None, *, home: Home, day: date, event: CalendarEvent | None = None) -> None:
        super().__init__(data, initial={"starts_on": day} if event is None else _initial(event, day))
        members = Membership.objects.filter(home=home).select_related("user").order_by("joined_at", "id")
        field: Any = self.fields["guest_ids"]
        field.choices = [(str(member.user_id), member.user.name) for member in members]
        if event is None or not event.rrule:
            del self.fields["scope"]
        self.fields["ends_on"].required = event is not None

    def changes(self) -> dict[str, Any]:
        """Return the fields that were changed, so that what others changed meanwhile stays."""
        changed = set(self.changed_data)
        fields = {name: value for name, value in self.values().items() if name in changed - {"rrule"}}
        return fields | ({"rrule": self.values()["rrule"]} if changed & {"repeats", "rrule"} else {})

    def values(self) -> dict[str, Any]:
        """Return the fields of the event."""
        fields = dict(self.cleaned_data)
        fields.pop("scope", None)
        repeats = fields.pop("repeats")
        return fields if repeats == OWN_RULE else {**fields, "rrule": repeats}


def _initial(event: CalendarEvent, day: date) -> dict[str, Any]:
    own = ("title", "start_time", "end_time", "place", "notes")
    is_named = event.rrule in REPEATS
    return {name: getattr(event, name) for name in own} | {
        "scope": Scope.THIS,
        "starts_on": day,
        "ends_on": day + (event.ends_on - event.starts_on),
        "repeats": event.rrule if is_named else OWN_RULE,
        "rrule": "" if is_named else event.rrule,
        "guest_ids": list(map(str, event.guest_ids)),
    }
