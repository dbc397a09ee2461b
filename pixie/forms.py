"""Forms of the agents, of what they know and do later, and of the language model behind them."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import formats
from django.utils.translation import gettext_lazy as _

from chat.models import Channel
from homes.models import Agent, AgentColour, Home
from pantry.forms import AmountField, DateInput, LineField, TimeInput
from pantry.models import as_json
from pixie.models import MemoryBlock, ModelAccess, Passage, Provider, ScheduledMessage, SummaryChoice
from pixie.nlu.reminders import read_reminder

MOST_A_MONTH = Decimal("999999.99")
PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class KeyInput(forms.PasswordInput):
    """What is typed is not shown, and what is kept is not sent back."""

    def __init__(self) -> None:
        super().__init__(attrs={**PLAIN, "autocomplete": "new-password"}, render_value=False)


def _name(label: Any) -> LineField:
    return LineField(label=label, required=False, max_length=80, widget=forms.TextInput(attrs=PLAIN))


class ModelForm(forms.Form):
    provider = forms.ChoiceField(
        label=_("Who answers what Pixie does not understand by itself"), choices=[], required=False
    )
    key = forms.CharField(label=_("Key"), required=False, widget=KeyInput(), strip=True)
    url = LineField(
        label=_("Address of the server"),
        required=False,
        max_length=300,
        help_text=_("Like https://models.example/v1. With Anthropic leave it empty."),
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "url"}),
    )
    small = _name(_("For small questions"))
    normal = _name(_("For most"))
    large = _name(_("For plans"))
    monthly_budget_usd = AmountField(
        label=_("At most in a month, in US$"),
        required=False,
        max_value=MOST_A_MONTH,
        help_text=_("When it is spent, Pixie goes on with what it understands by itself. Empty: no limit."),
    )

    def __init__(self, *args: Any, access: ModelAccess | None, has_server: bool, **kwargs: Any) -> None:
        names = ("provider", "url", *ModelAccess.TIERS, "monthly_budget_usd")
        super().__init__(*args, **{**kwargs, "initial": {name: getattr(access, name, "") for name in names}})
        nobody = _("The server's language model") if has_server else _("Nobody: Pixie does what it can")
        choices = [("", nobody), *Provider.choices]
        self.fields["provider"].choices = choices  # type: ignore[attr-defined]
        if access is not None and access.sealed_key:
            end = f"…{access.key_end}" if access.key_end else "…"
            self.fields["key"].help_text = _("There is one that ends with %(end)s. Leave this empty to keep it.") % {
                "end": end
            }

    @property
    def chosen(self) -> dict[str, Any]:
        """As `choose_model` takes it."""
        said = self.cleaned_data
        budget: Decimal | None = said["monthly_budget_usd"]
        return {
            "provider": said["provider"],
            "url": said["url"],
            "key": said["key"],
            "models": {size: said[size] for size in ModelAccess.TIERS},
            "monthly_budget_usd": budget,
        }


class FlowerSelect(forms.RadioSelect):
    """Each colour with the flower that it gives."""

    option_template_name = "forms/flower.html"

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"].pop("class", None)
        return {**option, "avatar_color": value}


class AgentForm(forms.Form):
    """`version` is the one that was seen, so that nobody's changes are written over unread."""

    display_name = LineField(
        label=_("Name"),
        max_length=40,
        help_text=_("In a room it answers to @ and its name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    title = LineField(
        label=_("What it is here for"),
        max_length=80,
        required=False,
        help_text=_("Like “Plans the meals”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    avatar_color = forms.ChoiceField(
        label=_("Colour"), choices=AgentColour.choices, widget=FlowerSelect(attrs={"class": "flowers"})
    )
    system_prompt = forms.CharField(
        label=_("Instructions"),
        max_length=Agent.MAX_INSTRUCTIONS_CHARS,
        required=False,
        help_text=_("How it should be and what it should heed. Only a language model reads this."),
        widget=forms.Textarea(attrs={"rows": 5, "maxlength": Agent.MAX_INSTRUCTIONS_CHARS}),
    )
    model = LineField(
        label=_("Language model of its own"),
        required=False,
        max_length=80,
        help_text=_("As the provider writes it. Empty: the home's."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    max_turns = forms.IntegerField(
        label=_("Most steps for an answer"),
        min_value=1,
        max_value=Agent.MAX_TURNS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    max_budget_usd = forms.DecimalField(
        label=_("Most an answer may cost, in US$"),
        min_value=Agent.MIN_BUDGET_USD,
        max_value=Agent.MAX_BUDGET_USD,
        max_digits=8,
        decimal_places=4,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    monthly_budget_usd = AmountField(
        label=_("Most it may cost in a month, in US$"),
        required=False,
        max_value=MOST_A_MONTH,
        help_text=_("Empty: no limit of its own."),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, said: Any = None, *, agent: Agent) -> None:
        shown = {name: getattr(agent, name) for name in self.base_fields}
        super().__init__(said, initial={**shown, "max_budget_usd": as_json(agent.max_budget_usd)})


class NoteForm(forms.Form):
    content = forms.CharField(
        label=_("Something to remember"),
        max_length=Passage.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": Passage.MAX_LENGTH}),
    )
    for_home = forms.BooleanField(label=_("For everybody at home"), required=False)


class BlockForm(forms.Form):
    """`version` is the one that was seen, so that nobody's words are written over unread."""

    content = forms.CharField(label=_("What it has in mind"), required=False)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, said: Any = None, *, block: MemoryBlock) -> None:
        version = 0 if block._state.adding else block.version
        super().__init__(said, initial={"content": block.content, "version": version})
        self.fields["content"].widget = forms.Textarea(attrs={"rows": 8, "maxlength": block.char_limit})
        self.fields["content"].help_text = _("%(most)d letters at most.") % {"most": block.char_limit}


class PassageForm(forms.Form):
    """`version` is the one that was seen, so that nobody's words are written over unread."""

    content = forms.CharField(
        label=_("What it says"),
        max_length=Passage.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": Passage.MAX_LENGTH}),
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, said: Any = None, *, passage: Passage) -> None:
        super().__init__(said, initial={"content": passage.content, "version": passage.version})


OFTEN = [
    ("once", _("Once")),
    ("FREQ=DAILY", _("Every day")),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", _("On weekdays")),
    ("FREQ=WEEKLY", _("Every week")),
    ("FREQ=WEEKLY;INTERVAL=2", _("Every two weeks")),
    ("FREQ=MONTHLY", _("Every month")),
    ("FREQ=YEARLY", _("Every year")),
]


class ScheduleForm(forms.Form):
    """By the home's clock."""

    what = forms.CharField(
        label=_("What"),
        max_length=ScheduledMessage.MAX_LENGTH - 20,
        help_text=_("Like “take the bins out”, or “what is on the list?”"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    how = forms.ChoiceField(label=_("Pixie"), choices=[("remind", _("says it")), ("ask", _("answers or does it"))])
    day = forms.DateField(label=_("Day"), widget=DateInput())
    hour = forms.TimeField(label=_("Hour"), widget=TimeInput(), initial="09:00")
    rrule = forms.ChoiceField(label=_("How often"), choices=OFTEN)
    where = forms.ChoiceField(label=_("Where"), choices=[])

    def __init__(self, *args: Any, rooms: Iterable[Channel], home: Home, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.home, self.rooms = home, {str(room.pk): room for room in rooms}
        self.fields["day"].initial = home.now().date() + timedelta(days=1)
        self.fields["day"].widget.attrs["min"] = home.now().date().isoformat()
        self.fields["where"].choices = [  # type: ignore[attr-defined]
            ("me", _("To me alone")),
            *((pk, f"#{room.name}") for pk, room in self.rooms.items()),
        ]

    @property
    def said(self) -> dict[str, Any]:
        """As `schedule_message` takes it."""
        said = self.cleaned_data
        room = self.rooms.get(said["where"])
        prompt = said["what"]
        if said["how"] == "remind" and read_reminder(prompt) is None:
            prompt = f"Remind {'us' if room else 'me'}: {prompt}"
        at = datetime.combine(said["day"], said["hour"], self.home.zone)
        return {"prompt": prompt, "at": at, "rrule": "" if said["rrule"] == "once" else said["rrule"], "channel": room}


class SummaryForm(forms.Form):
    hour = forms.ChoiceField(label=_("When"), choices=[])

    def __init__(self, *args: Any, home: Home, **kwargs: Any) -> None:
        now = SummaryChoice.hour_of(home)
        super().__init__(
            *args, **{"auto_id": "summary_%s", **kwargs, "initial": {"hour": "never" if now is None else now}}
        )
        hours = sorted({*range(5, 12), *([] if now is None else [now])})
        self.fields["hour"].choices = [  # type: ignore[attr-defined]
            ("never", _("Never")),
            *((hour, formats.time_format(time(hour), "TIME_FORMAT")) for hour in hours),
        ]

    @property
    def chosen(self) -> int | None:
        hour = self.cleaned_data["hour"]
        return None if hour == "never" else int(hour)
