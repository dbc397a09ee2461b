"""Forms for accounts, most of them allauth's with our labels."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from allauth.account import app_settings
from allauth.account import forms as allauth
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.validators import MaxLengthValidator
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import ApiToken, User
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

    def validate_unique_email(self, value: str) -> str:
        """Accept an address that somebody else has only asked for and not confirmed."""
        if User.objects.filter(email__iexact=value).exists():
            return str(super().validate_unique_email(value))
        self.account_already_exists = False
        return value


class AddEmailForm(LabelsMixin, allauth.AddEmailForm):  # type: ignore[misc]
    """Asks for another address. The current one stays until the other is confirmed."""

    labels: ClassVar[dict[str, Any]] = {"email": _("New email")}

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if pending_emails(self.user).filter(email=email).exists():
            return str(email)  # its link is sent again
        others = User.objects.filter(email__iexact=email).exclude(pk=self.user.pk)
        if app_settings.EMAIL_VERIFICATION != "mandatory" and others.exists():  # as sign-up says, too
            raise get_adapter().validation_error("email_taken")
        return str(super().clean_email())

    def save(self, request: HttpRequest) -> EmailAddress:
        """allauth would remove a current address that is not confirmed, as if it were an earlier wish."""
        email = self.cleaned_data["email"]
        with transaction.atomic():
            pending_emails(self.user).exclude(email=email).delete()
            address, is_new = EmailAddress.objects.get_or_create(user=self.user, email=email)
        if is_new:  # tell the current address at once, while the change can be cancelled
            context = {"user": self.user, "from_email": self.user.email, "to_email": email}
            letter = "account/email/email_change_requested"
            get_adapter().send_notification_mail(letter, self.user, context, email=self.user.email)
        send_verification_email_to_address(request, address)
        return address


def pending_emails(user: User) -> Any:
    """Return the addresses that the user has asked to change to: one at most."""
    return EmailAddress.objects.filter(user=user, verified=False).exclude(email__iexact=user.email)


class ResetPasswordForm(LabelsMixin, allauth.ResetPasswordForm):  # type: ignore[misc]
    def clean_email(self) -> str:
        """Find the account by its current address only."""
        email = str(super().clean_email())
        users = User.objects.filter(email__iexact=email, is_active=True)
        self.users = [user for user in users if user.email.lower() == email.lower()]  # not by the database's collation
        return email


def with_labels(form: type) -> type:
    return type(form.__name__, (LabelsMixin, form), {})


ChangePasswordForm = with_labels(allauth.ChangePasswordForm)
SetPasswordForm = with_labels(allauth.SetPasswordForm)
ResetPasswordKeyForm = with_labels(allauth.ResetPasswordKeyForm)
ReauthenticateForm = with_labels(allauth.ReauthenticateForm)
AuthenticateForm = with_labels(mfa.AuthenticateForm)
ReauthenticateByCodeForm = with_labels(mfa.ReauthenticateForm)
ActivateTOTPForm = with_labels(totp.ActivateTOTPForm)


LIFETIMES = {"30": _("30 days"), "90": _("90 days"), "365": _("One year"), "never": _("No end")}


class TokenForm(forms.Form):
    name = LineField(label=_("Name"), max_length=80, help_text=_("What it's for, like “Kitchen display”."))
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=list(ApiToken.SCOPE_LABELS.items()),
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the token may do.")},
    )
    home: Any = forms.ModelChoiceField(label=_("Home"), queryset=None, required=False, empty_label=_("All your homes"))
    expires_at = forms.ChoiceField(label=_("Ends after"), choices=list(LIFETIMES.items()), initial="90")

    def __init__(self, *args: Any, homes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["home"].queryset = homes  # type: ignore[attr-defined]

    def clean_expires_at(self) -> datetime | None:
        days = self.cleaned_data["expires_at"]
        return None if days == "never" else timezone.now() + timedelta(days=int(days))


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    name = LineField(label=_("Your name"), max_length=80)

    class Meta:
        model = User
        fields = ("name",)
