"""Forms for homes and invitations."""

import re
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from homes.activity import activities
from homes.models import Home, Membership, Role, zones
from pantry.forms import AmountField, DateInput, LineField
from pantry.money import CURRENCIES
from pantry.years import check_year

ZONES = [
    "Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi",
    "America/Anchorage", "America/Argentina/Buenos_Aires", "America/Bogota", "America/Chicago", "America/Denver",
    "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Sao_Paulo", "America/Toronto",
    "Asia/Bangkok", "Asia/Dhaka", "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Karachi",
    "Asia/Kolkata", "Asia/Kuala_Lumpur", "Asia/Manila", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei",
    "Asia/Tokyo", "Asia/Vientiane", "Asia/Yangon", "Australia/Perth", "Australia/Sydney",
    "Europe/Athens", "Europe/Berlin", "Europe/Istanbul", "Europe/Lisbon", "Europe/London", "Europe/Madrid",
    "Europe/Paris", "Europe/Stockholm", "Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu", "UTC",
]  # fmt: skip
INVITATION_TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)


class HomeForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LineField(label=_("Home name"), max_length=80)
    timezone = forms.ChoiceField(label=_("Time zone"))
    currency = forms.ChoiceField(label=_("Currency"))
    monthly_budget = AmountField(
        label=_("Monthly budget"),
        required=False,
        help_text=_("What your home plans to spend on groceries each month. Leave empty for no budget."),
    )
    shares_examples = forms.BooleanField(
        label=_("Share examples"),
        required=False,
        help_text=_(
            "What members teach Pixie may be used to improve it for everyone, "
            "without names, email addresses and phone numbers."
        ),
    )

    fills_pantry = forms.BooleanField(
        label=_("Put purchases into the pantry"),
        required=False,
        help_text=_("What you tick on a list counts as being at home, until it is used up."),
    )

    class Meta:
        model = Home
        fields = ("name", "timezone", "currency", "monthly_budget", "fills_pantry", "shares_examples")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("AmountField", self.fields["monthly_budget"]).currency = (
            self.data.get("currency") or self.instance.currency
        )
        for name, values in {"timezone": ZONES, "currency": CURRENCIES}.items():
            field = cast("forms.ChoiceField", self.fields[name])
            current = getattr(self.instance, name)
            choices = values if current in values else [current, *values]
            field.choices = [(value, value.replace("_", " ")) for value in choices]


class ActivityForm(forms.Form):
    """Filters of a home's activity."""

    member = forms.ChoiceField(label=_("Who"), required=False)
    kind = forms.ChoiceField(label=_("What"), required=False)
    day = forms.DateField(label=_("Day"), required=False, widget=DateInput())

    def __init__(self, data: Any, *, home: Home) -> None:
        super().__init__(data)
        members = Membership.objects.filter(home=home).order_by("number").values_list("user_id", "user__name")
        kinds = ((key, activity.label) for key, activity in activities().items())
        who, what = cast("forms.ChoiceField", self.fields["member"]), cast("forms.ChoiceField", self.fields["kind"])
        who.choices = [("", _("Everyone")), *((str(pk), name) for pk, name in members)]
        what.choices = [("", _("Everything")), *kinds]

    def clean_day(self) -> date | None:
        day = self.cleaned_data["day"]
        try:
            return day and check_year(day)
        except ValueError as error:
            raise forms.ValidationError(_("Choose a day from 1900 on.")) from error

    def filters(self) -> dict[str, Any]:
        """Return keyword arguments for `activity_of`: those fields that are chosen and valid."""
        data = self.cleaned_data if self.is_bound and not self.errors else {}
        chosen = {"user_id": data.get("member"), "kind": data.get("kind"), "day": data.get("day")}
        return {name: value for name, value in chosen.items() if value}


class NewHomeForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name of a new home, and the browser's time zone in a hidden field."""

    name = LineField(
        label=_("Home name"),
        max_length=80,
        help_text=_("Like “Apartment 42” or “The Miller house”."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    timezone = LineField(required=False, widget=forms.HiddenInput(attrs={"data-timezone": ""}))

    class Meta:
        model = Home
        fields = ("name",)

    def clean_timezone(self) -> str:
        """Ignore an unknown time zone: it is only the browser's guess."""
        timezone = str(self.cleaned_data["timezone"])
        return timezone if timezone in zones() else ""


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("Their email"),
        required=False,
        max_length=254,
        help_text=_("Just a reminder of who the link is for. We send nothing, and whoever has the link can use it."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("They join as"), choices=Role.choices, initial=Role.MEMBER)


class CloseAccountForm(forms.Form):
    """Asks to agree if homes without other members are deleted."""

    def __init__(self, *args: Any, homes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if homes:
            label = _("Delete %(homes)s and everything in it") % {"homes": ", ".join(homes)}
            message = _("Tick this to go on, or invite someone and make them an owner.")
            self.fields["erase"] = forms.BooleanField(label=label, error_messages={"required": message})


class JoinForm(forms.Form):
    invitation = LineField(
        label=_("Invitation link"),
        max_length=400,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )

    def clean_invitation(self) -> str:
        """Return the token: the last part of a link, or the whole text."""
        path = str(self.cleaned_data["invitation"]).split("?")[0].split("#")[0]
        token = path.strip().rstrip("/").rsplit("/", 1)[-1]
        if not INVITATION_TOKEN.fullmatch(token):
            raise forms.ValidationError(_("This isn't a complete invitation link. Copy the whole link and try again."))
        return token
