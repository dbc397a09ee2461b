"""Forms for accounts, most of them allauth's with our labels."""

from typing import Any, ClassVar

from allauth.account import forms as allauth
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import User
from pantry.forms import LineField, TextField

MAX_CHARS = 200  # of a password, an email or a code


class LabelsMixin:
    """Set our labels and help texts, and drop the placeholders."""

    labels: ClassVar[dict[str, Any]] = {
        "login": _("Email"),
        "email": _("Email"),
        "password": _("Password"),
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("Repeat new password"),
        "code": _("Code"),
    }
    help_texts: ClassVar[dict[str, Any]] = {"password1": _("At least 8 characters, and not a common password.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, field.help_text if name == "name" else "")
            if isinstance(field, forms.CharField) and field.max_length is None:
                field.validators.append(MaxLengthValidator(MAX_CHARS, TextField.default_error_messages["max_length"]))
            if name == "code":
                field.widget.attrs |= {"inputmode": "numeric", "autofocus": True}


class LoginForm(LabelsMixin, allauth.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class SignupForm(LabelsMixin, allauth.SignupForm):  # type: ignore[misc]
    name = LineField(
        label=_("Your name"),
        max_length=80,
        help_text=_("What people at home call you."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    field_order = ("name", "email", "password1")
    labels: ClassVar[dict[str, Any]] = {**LabelsMixin.labels, "password1": _("Password")}


class AddEmailForm(LabelsMixin, allauth.AddEmailForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, Any]] = {"email": _("New email")}


def with_labels(form: type) -> type:
    return type(form.__name__, (LabelsMixin, form), {})


ChangePasswordForm = with_labels(allauth.ChangePasswordForm)
SetPasswordForm = with_labels(allauth.SetPasswordForm)
ResetPasswordForm = with_labels(allauth.ResetPasswordForm)
ResetPasswordKeyForm = with_labels(allauth.ResetPasswordKeyForm)
ReauthenticateForm = with_labels(allauth.ReauthenticateForm)
AuthenticateForm = with_labels(mfa.AuthenticateForm)
ReauthenticateByCodeForm = with_labels(mfa.ReauthenticateForm)
ActivateTOTPForm = with_labels(totp.ActivateTOTPForm)


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LineField(label=_("Your name"), max_length=80)

    class Meta:
        model = User
        fields = ("name",)
