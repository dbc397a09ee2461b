"""Forms of accounts, homes and members."""

import re
from datetime import time
from decimal import Decimal
from typing import Any, ClassVar, cast

from allauth.account import forms as allauth
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from homes import registry
from homes.models import Home, NoticeChoice, Role, User
from homes.models.home import zones
from pantry.models import as_json
from pantry.money import CURRENCIES
from pantry.text import visible_line

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


class LineField(forms.CharField):
    """One line of text: control characters are gone, white space is folded, and something must be there to see."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("This cannot be empty."),
        "max_length": _("At most %(limit_value)d characters. This has %(show_value)d."),
    }

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return visible_line(text) if isinstance(text, str) else text


class AmountField(forms.DecimalField):
    """Money as people write it: “13,000”, “฿ 13000”, “13000.50”."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"), _("An amount, like 13000.")
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_digits=10, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = re.sub(r"[\s,฿$€£]", "", value)
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return as_json(value) if isinstance(value, Decimal) else value


class TimeInput(forms.TimeInput):
    """The browser's own clock. It understands one way of writing, whatever the language."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class DateInput(forms.DateInput):
    """The browser's own calendar. It understands one way of writing, whatever the language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Plain:
    """allauth's forms in our hand: a label says what a field is for, so nothing stands inside it."""

    labels: ClassVar[dict[str, Any]] = {
        "login": _("E-mail"),
        "email": _("E-mail"),
        "password": _("Password"),
        "oldpassword": _("Password of now"),
        "password1": _("New password"),
        "password2": _("New password, once more"),
        "code": _("Code"),
    }
    hints: ClassVar[dict[str, Any]] = {"password1": _("At least 8 characters, and no word that many people use.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.hints.get(name, field.help_text if name == "name" else "")
            if name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class LoginForm(Plain, allauth.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignupForm(Plain, allauth.SignupForm):  # type: ignore[misc]
    name = LineField(
        label=_("Your name"),
        max_length=80,
        help_text=_("What they call you at home."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ("name", "email", "password1")
    labels: ClassVar[dict[str, Any]] = {**Plain.labels, "password1": _("Password")}


class AddEmailForm(Plain, allauth.AddEmailForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"email": _("New e-mail")}


class ChangePasswordForm(Plain, allauth.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(Plain, allauth.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(Plain, allauth.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(Plain, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(Plain, allauth.ReauthenticateForm):  # type: ignore[misc]
    pass


class AuthenticateForm(Plain, mfa.AuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateByCodeForm(Plain, mfa.ReauthenticateForm):  # type: ignore[misc]
    pass


class ActivateTOTPForm(Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    pass


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


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LineField(label=_("Your name"), max_length=80)
    locale = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = User
        fields = ("name", "locale")


class NoticeForm(forms.Form):
    kinds = forms.MultipleChoiceField(
        label=_("Tell me when"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"})
    )
    quiet_from = forms.TimeField(label=_("Quiet from"), required=False, widget=TimeInput())
    quiet_until = forms.TimeField(label=_("Quiet until"), required=False, widget=TimeInput())

    def __init__(self, *args: Any, choice: NoticeChoice, **kwargs: Any) -> None:
        now = {name: getattr(choice, name) for name in ("quiet_from", "quiet_until")}
        wanted = [kind for kind in registry.kinds if choice.wants(kind)]
        super().__init__(*args, **{**kwargs, "initial": {"kinds": wanted, **now}})
        cast("forms.ChoiceField", self.fields["kinds"]).choices = [
            (kind.name, kind.label) for kind in registry.kinds.values()
        ]

    def clean(self) -> None:
        begin, end = self.quiet
        if not self.errors and ((begin is None) != (end is None) or (begin is not None and begin == end)):
            self.add_error("quiet_until", _("Quiet hours need a beginning and another end. Leave both empty for none."))

    @property
    def quiet(self) -> tuple[time | None, time | None]:
        return self.cleaned_data.get("quiet_from"), self.cleaned_data.get("quiet_until")

    @property
    def wanted(self) -> dict[str, bool]:
        return {kind: kind in self.cleaned_data["kinds"] for kind in registry.kinds}
