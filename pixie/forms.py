"""Forms for agents, memory, schedules and language models."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from chat.models import Channel
from homes.models import Agent, AgentColour, Home
from pantry.forms import AmountField, DateInput, LineField, TextField, TimeInput, plain_input
from pantry.models import as_json
from pixie.actions.language_model import MAX_KEY_LENGTH
from pixie.models import MemoryBlock, ModelAccess, Passage, Provider, ScheduledMessage, SummaryChoice
from pixie.nlu.reminders import read_reminder

MAX_MONTHLY_USD = Decimal("999999.99")
VERBATIM_ATTRS = {"autocapitalize": "none", "spellcheck": "false"}


class KeyInput(forms.PasswordInput):
    """A password input for API keys. Never renders the stored key."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password", **VERBATIM_ATTRS}, render_value=False)


def _model_field(label: Any, help_text: Any = "") -> LineField:
    return LineField(
        label=label, required=False, max_length=80, widget=plain_input(**VERBATIM_ATTRS), help_text=help_text
    )


class ModelForm(forms.Form):
    provider = forms.ChoiceField(
        label=_("Language model for what Pixie can't answer on its own"), choices=[], required=False
    )
    key = TextField(label=_("Key"), required=False, max_length=MAX_KEY_LENGTH, widget=KeyInput())
    url = LineField(
        label=_("Server address"),
        required=False,
        max_length=300,
        help_text=_("For example https://models.example/v1. Leave it empty for Anthropic."),
        widget=plain_input(**VERBATIM_ATTRS, inputmode="url"),
    )
    small = _model_field(_("Model for small questions"))
    normal = _model_field(_("Model for most questions"))
    large = _model_field(_("Model for plans"))
    monthly_budget_usd = AmountField(
        label=_("Monthly cost limit, in US$"),
        required=False,
        max_value=MAX_MONTHLY_USD,
        help_text=_("When it is spent, Pixie continues without a language model. Leave empty for no limit."),
    )

    def __init__(self, *args: Any, access: ModelAccess | None, has_server: bool, **kwargs: Any) -> None:
        names = ("provider", "url", *ModelAccess.TIERS, "monthly_budget_usd")
        super().__init__(*args, **{**kwargs, "initial": {name: getattr(access, name, "") for name in names}})
        default_label = _("The server's language model") if has_server else _("None: Pixie does what it can")
        choices = [("", default_label), *Provider.choices]
        self.fields["provider"].choices = choices  # type: ignore[attr-defined]
        if access is not None and access.sealed_key:
            help_text = _("A key ending in %(end)s is saved. Leave this empty to keep it.")
            self.fields["key"].help_text = help_text % {"end": f"…{access.key_end}"}

    @property
    def model_access(self) -> dict[str, Any]:
        """Keyword arguments for `choose_model`."""
        models = {size: self.cleaned_data[size] for size in ModelAccess.TIERS}
        others = {name: value for name, value in self.cleaned_data.items() if name not in models}
        return {**others, "models": models}


class FlowerSelect(forms.RadioSelect):
    """Radio buttons that show each colour as a flower."""

    option_template_name = "forms/flower.html"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"].pop("class", None)
        return {**option, "avatar_color": value}


class VersionedForm(forms.Form):
    """Edit a row. `version` detects conflicting edits."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, row: Any) -> None:
        super().__init__(data, initial={name: as_json(getattr(row, name)) for name in self.base_fields})


class AgentForm(VersionedForm):
    display_name = LineField(
        label=_("Name"), max_length=40, help_text=_("Mention it in a room with @ and its name."), widget=plain_input()
    )
    title = LineField(
        label=_("Role"),
        max_length=80,
        required=False,
        help_text=_("For example “Plans the meals”."),
        widget=plain_input(),
    )
    avatar_color = forms.ChoiceField(
        label=_("Colour"), choices=AgentColour.choices, widget=FlowerSelect(attrs={"class": "flowers"})
    )
    system_prompt = TextField(
        label=_("Instructions"),
        max_length=Agent.MAX_INSTRUCTIONS_CHARS,
        required=False,
        help_text=_("How it should behave and what it should keep in mind. Only used with a language model."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    model = _model_field(
        _("Its own language model"), _("The name that the provider uses. Leave empty to use the home's.")
    )
    max_turns = forms.IntegerField(
        label=_("Step limit per answer"),
        min_value=1,
        max_value=Agent.MAX_TURNS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    max_budget_usd = forms.DecimalField(
        label=_("Cost limit per answer, in US$"),
        min_value=Agent.MIN_BUDGET_USD,
        max_value=Agent.MAX_BUDGET_USD,
        max_digits=8,
        decimal_places=4,
        widget=plain_input(inputmode="decimal"),
    )
    monthly_budget_usd = AmountField(
        label=_("Monthly cost limit, in US$"),
        required=False,
        max_value=MAX_MONTHLY_USD,
        help_text=_("Leave empty for no limit of its own."),
    )


def _passage_field(label: Any, rows: int) -> TextField:
    widget = forms.Textarea(attrs={"rows": rows})
    return TextField(label=label, max_length=Passage.MAX_LENGTH, widget=widget)


class NoteForm(forms.Form):
    content = _passage_field(_("Something to remember"), rows=2)
    for_home = forms.BooleanField(label=_("For everyone at home"), required=False)


class PassageForm(VersionedForm):
    content = _passage_field(_("Text"), rows=4)


class BlockForm(VersionedForm):
    content = TextField(label=_("What it should always remember"), required=False, max_length=MemoryBlock.MAX_CHARS)

    def __init__(self, data: Any = None, *, row: MemoryBlock) -> None:
        super().__init__(data, row=row)
        if row._state.adding:
            self.initial["version"] = 0
        self.fields["content"].widget = forms.Textarea(attrs={"rows": 8})
        self.fields["content"].help_text = _("At most %(most)d characters.") % {"most": row.char_limit}


RECURRENCE_CHOICES = [
    ("once", _("Once")),
    ("FREQ=DAILY", _("Every day")),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", _("On weekdays")),
    ("FREQ=WEEKLY", _("Every week")),
    ("FREQ=WEEKLY;INTERVAL=2", _("Every two weeks")),
    ("FREQ=MONTHLY", _("Every month")),
    ("FREQ=YEARLY", _("Every year")),
]


class ScheduleForm(forms.Form):
    """Schedule a message. Day and time are in the home's time zone."""

    what = TextField(
        label=_("What"),
        max_length=ScheduledMessage.MAX_LENGTH - 20,
        help_text=_("For example “take the bins out” or “what is on the list?”"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    how = forms.ChoiceField(label=_("Pixie"), choices=[("remind", _("says it")), ("ask", _("answers or does it"))])
    day = forms.DateField(label=_("Day"), widget=DateInput())
    hour = forms.TimeField(label=_("Time"), widget=TimeInput(), initial="09:00")
    rrule = forms.ChoiceField(label=_("How often"), choices=RECURRENCE_CHOICES)
    where = forms.ChoiceField(label=_("Where"), choices=[])

    def __init__(self, *args: Any, rooms: Iterable[Channel], home: Home, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home, self.rooms = home, {str(room.pk): room for room in rooms}
        self.fields["day"].initial = home.now().date() + timedelta(days=1)
        self.fields["day"].widget.attrs["min"] = home.now().date().isoformat()
        self.fields["where"].choices = [  # type: ignore[attr-defined]
            ("me", _("Only to me")),
            *((pk, f"#{room.name}") for pk, room in self.rooms.items()),
        ]

    @property
    def schedule(self) -> dict[str, Any]:
        """Keyword arguments for `schedule_message`."""
        data = self.cleaned_data
        room = self.rooms.get(data["where"])
        prompt = data["what"]
        if data["how"] == "remind" and read_reminder(prompt) is None:
            prompt = f"Remind {'us' if room else 'me'}: {prompt}"
        at = datetime.combine(data["day"], data["hour"], self.home.zone)
        return {"prompt": prompt, "at": at, "rrule": "" if data["rrule"] == "once" else data["rrule"], "channel": room}


def _hour_or_none(value: str) -> int | None:
    return None if value == "never" else int(value)


class SummaryForm(forms.Form):
    hour = forms.TypedChoiceField(label=_("When"), choices=[], coerce=_hour_or_none)

    def __init__(self, data: Any = None, *, home: Home) -> None:
        current = SummaryChoice.hour_of(home)
        super().__init__(data, auto_id="summary_%s", initial={"hour": "never" if current is None else current})
        hours = sorted({*range(5, 12), *([] if current is None else [current])})
        self.fields["hour"].choices = [  # type: ignore[attr-defined]
            ("never", _("Never")),
            *((hour, formats.time_format(time(hour), "TIME_FORMAT")) for hour in hours),
        ]
