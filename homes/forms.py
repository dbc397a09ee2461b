"""Forms of accounts, homes and members."""

import re
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from homes.models import Home, Role
from homes.models.home import zones
from pantry.forms import AmountField, LineField
from pantry.money import CURRENCIES

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
TOKEN = re.compile(r"[\w-]{16,64}", re.ASCII)


class HomeForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LineField(label=_("Name of the home"), max_length=80)
    timezone = forms.ChoiceField(label=_("Time zone"))
    currency = forms.ChoiceField(label=_("Currency"))
    monthly_budget = AmountField(
        label=_("Monthly budget"),
        required=False,
        help_text=_("What the household means to spend on groceries. Empty: no budget."),
    )

    class Meta:
        model = Home
        fields = ("name", "timezone", "currency", "locale", "monthly_budget")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, known in {"timezone": ZONES, "currency": CURRENCIES}.items():
            field = cast("forms.ChoiceField", self.fields[name])
            now = getattr(self.instance, name)
            field.choices = [(value, value.replace("_", " ")) for value in (known if now in known else [now, *known])]


class NewHomeForm(forms.ModelForm):  # type: ignore[type-arg]
    """Founding a home asks for its name alone; the time zone comes from the browser when it tells one."""

    name = LineField(
        label=_("Name of the home"),
        max_length=80,
        help_text=_("Like “Apartment 42” or “The Miller house”."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    timezone = LineField(required=False, widget=forms.HiddenInput(attrs={"data-timezone": ""}))

    class Meta:
        model = Home
        fields = ("name",)

    def clean_timezone(self) -> str:
        """What the browser says is only a guess: one that is no time zone is as good as none."""
        guess = str(self.cleaned_data["timezone"])
        return guess if guess in zones() else ""


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("Their e-mail"),
        required=False,
        max_length=254,
        help_text=_("It only helps you to remember whom the link is for. Nothing is sent."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("They come as"), choices=Role.choices, initial=Role.MEMBER)


class JoinForm(forms.Form):
    invitation = LineField(
        label=_("Invitation link"),
        max_length=400,
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )

    def clean_invitation(self) -> str:
        """The token: the last part of the link, or all of what was pasted."""
        path = str(self.cleaned_data["invitation"]).split("?")[0].split("#")[0]
        token = path.strip().rstrip("/").rsplit("/", 1)[-1]
        if not TOKEN.fullmatch(token):
            raise forms.ValidationError(_("This is not all of an invitation link. Copy it once more, to its very end."))
        return token
