"""allauth adapters: messages, languages and password changes."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from homes.accounts.actions import EMAIL_TAKEN
from homes.accounts.credentials import account_locked, password_credential
from homes.accounts.models import User
from pantry import broadcast


@contextmanager
def revoke_old_password(user: User) -> Iterator[None]:
    """Wrap a password change: close the connections authenticated with the old password, and call `account_locked`."""
    old = password_credential(user)
    yield
    account_locked(user)
    transaction.on_commit(partial(broadcast.revoke, old), robust=True)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed. Ask the person who runs this Pantry Pixie."),
        "duplicate_email": _("That's already your email."),
        "email_password_mismatch": _("Wrong email or password. Try again, or reset your password."),
        "email_taken": EMAIL_TAKEN,
        "enter_current_password": _("That's not your current password. Try again."),
        "incorrect_password": _("That's not your password. Try again."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes and try again, or reset your password."),
        "rate_limited": _("Too many requests. Wait a minute and try again."),
        "same_as_current": _("That's already your password."),
    }

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data["name"]
        user.locale = getattr(request, "LANGUAGE_CODE", "")
        return super().save_user(request, user, form, commit)

    def set_password(self, user: User, password: str) -> None:
        with revoke_old_password(user):
            super().set_password(user, password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        language = getattr(context.get("user"), "locale", "")
        with override(language or get_language()):
            super().send_mail(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Wrong code. It changes every 30 seconds, so use the newest one."),
        "unverified_email": _("Confirm your email first, with the link we sent you."),
        "cannot_generate_recovery_codes": _("Turn on two-step verification first."),
    }
