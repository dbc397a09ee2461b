"""Forms of accounts, homes and members."""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from homes.models import Home, Role, User
from homes.texts import clean_line

CURRENCIES = ["THB", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "CHF", "INR", "VND"]
ZONES = [
    "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo", "Asia/Kolkata", "Asia/Dubai", "Australia/Sydney",
    "Europe/London", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/Chicago",
    "America/Los_Angeles", "America/Sao_Paulo", "Africa/Lagos", "UTC",
]  # fmt: skip


class LineField(forms.CharField):
    """One line of text: control characters are gone, white space is folded."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return clean_line(text) if isinstance(text, str) else text


class SignupForm(allauth.SignupForm):  # type: ignore[misc]
    name = LineField(
        label=_("Your name"),
        max_length=80,
        help_text=_("What they call you at home."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name", "autofocus": True}),
    )
    field_order = ["name", "email", "password1"]


class HomeForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LineField(label=_("Name of the home"), max_length=80)

    class Meta:
        model = Home
        fields = ["name", "timezone", "currency", "locale", "monthly_budget"]
        widgets = {"monthly_budget": forms.NumberInput(attrs={"inputmode": "decimal", "step": "any", "min": "0"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["timezone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(zone, zone) for zone in _with(ZONES, self.instance.timezone)]
        )
        self.fields["currency"] = forms.ChoiceField(
            label=_("Currency"), choices=[(code, code) for code in _with(CURRENCIES, self.instance.currency)]
        )
        self.fields["monthly_budget"].help_text = _("What the household means to spend on groceries. Empty: no budget.")


class NewHomeForm(forms.ModelForm):  # type: ignore[type-arg]
    """Founding a home asks for its name alone; the time zone comes from the browser when it tells one."""

    name = LineField(
        label=_("Name of the home"),
        max_length=80,
        help_text=_("Like “Apartment 42” or “The Miller house”."),
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    timezone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-timezone": ""}))

    class Meta:
        model = Home
        fields = ["name"]


class InviteForm(forms.Form):
    email = forms.EmailField(
        label=_("Their e-mail"), required=False, help_text=_("If you like: it only helps you to remember whom the link is for.")
    )
    role = forms.ChoiceField(label=_("They come as"), choices=Role.choices, initial=Role.MEMBER)


class JoinForm(forms.Form):
    invitation = forms.CharField(
        label=_("Invitation link"), max_length=300, widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"})
    )

    def token(self) -> str:
        """The last part of the link, or the bare token."""
        return str(self.cleaned_data["invitation"]).strip().rstrip("/").rsplit("/", 1)[-1]


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LineField(label=_("Your name"), max_length=80)
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ["name", "locale"]


def _with(known: list[str], current: str) -> list[str]:
    return known if current in known else [current, *known]
