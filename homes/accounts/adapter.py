"""How allauth makes and finds accounts here, and how it speaks."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from homes.accounts.credentials import password_credential
from homes.accounts.hooks import account_locked
from homes.accounts.models import User
from pantry import broadcast

LANGUAGE_FOR = 60 * 60 * 24 * 365  # seconds that a device remembers the language


@contextmanager
def revoke_old_password(user: User) -> Iterator[None]:
    """Around setting another password: close the sockets that the old one opened, and forget the person's devices."""
    old = password_credential(user)
    yield
    account_locked(user)
    transaction.on_commit(partial(broadcast.revoke, old), robust=True)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. Ask whoever runs this Pantry Pixie."),
        "duplicate_email": _("This is your e-mail already."),
        "email_password_mismatch": _(
            "This e-mail and password do not go together. Try once more, or set a new password."
        ),
        "email_taken": _("Somebody has an account with this e-mail already. If that is you, sign in."),
        "enter_current_password": _("This is not your password of now. Try once more."),
        "incorrect_password": _("This is not your password. Try once more."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again or set a new password."),
        "rate_limited": _("That was too fast. Wait a minute, then try again."),
        "same_as_current": _("This is the one you have now."),
    }

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data["name"]
        user.locale = getattr(request, "LANGUAGE_CODE", "")
        return super().save_user(request, user, form, commit)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """A device that somebody signs in on speaks their language from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember_language(response, user.locale)
        return response

    def set_password(self, user: User, password: str) -> None:
        with revoke_old_password(user):
            super().set_password(user, password)

    def format_email_subject(self, subject: str) -> str:
        return str(subject)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A letter is in the language of who reads it."""
        reader = getattr(context.get("user"), "locale", "")
        with override(reader or get_language()):
            super().send_mail(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not the one. It changes every 30 seconds: take the newest."),
        "unverified_email": _("Confirm your e-mail first: follow the link in the letter."),
        "cannot_generate_recovery_codes": _("Turn the second step on first."),
    }


def remember_language(response: HttpResponse, language: str) -> None:
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=LANGUAGE_FOR, samesite="Lax")
