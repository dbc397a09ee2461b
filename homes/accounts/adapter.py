"""allauth adapters: messages, languages and letters, and the encryption of second steps."""

import base64
import logging
import secrets
from ipaddress import ip_address
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from homes.accounts.actions import EMAIL_TAKEN
from homes.accounts.models import User
from pantry import encryption
from pantry.api.throttles import client_address
from pantry.text import validate_ascii_email

log = logging.getLogger(__name__)

SIGNING_IN = "signing_in"  # in the session: what the finished sign-in will be bound to


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

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return IPv4 addresses as such, also those that arrive at an IPv6 socket: these would all be one network."""
        address = ip_address(super().get_client_ip(request))
        return str(getattr(address, "ipv4_mapped", None) or address)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count wrong passwords of an account by address, so that nobody can lock its owner out from elsewhere."""
        return f"{client_address(request)} {super()._get_login_attempts_cache_key(request, **credentials)}"

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        response = super().pre_login(request, user, **kwargs)
        if response is None:
            request.session[SIGNING_IN] = user.get_session_auth_hash()
        return response

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in, unless `end_sign_ins` was called since the password was entered, while a further step was open."""
        if request.session.pop(SIGNING_IN, None) != user.get_session_auth_hash():
            messages.error(request, _("Your password or sign-ins were changed meanwhile. Sign in again."))
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data["name"]
        user.locale = getattr(request, "LANGUAGE_CODE", "")
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError as error:  # a simultaneous request took the email
            messages.error(request, EMAIL_TAKEN)
            raise ImmediateHttpResponse(redirect("account_login")) from error

    def clean_email(self, email: str) -> str:
        validate_ascii_email(email)
        return email

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        is_current = email_address.email.lower() == email_address.user.email.lower()
        return not is_current and super().can_delete_email(email_address)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Refuse an address that became another account's while its link was on the way."""
        try:
            with transaction.atomic():
                others = User.objects.filter(email__iexact=email_address.email).exclude(pk=email_address.user_id)
                if not others.exists():
                    return bool(super().confirm_email(request, email_address))
        except IntegrityError:
            log.info("an email was taken while it was being confirmed")
        template, context = "account/messages/email_confirmation_failed.txt", {"email": email_address.email}
        self.add_message(request, messages.ERROR, template, context)
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        language = getattr(context.get("user"), "locale", "")
        with override(language or get_language()):
            super().send_mail(template_prefix, email, context)

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Send a letter about a change that was made already. A mail server that is away doesn't undo the change."""
        try:
            super().send_notification_mail(template_prefix, user, *args, **kwargs)
        except OSError as error:
            log.warning("the letter %s could not be sent: %s", template_prefix, error)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Wrong code. It changes every 30 seconds, so use the newest one."),
        "unverified_email": _("Confirm your email first, with the link we sent you."),
        "cannot_generate_recovery_codes": _("Turn on two-step verification first."),
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text, "second steps")

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt the seed of an app or of recovery codes. After a change of SECRET_KEY, no code is right any more."""
        try:
            return encryption.decrypt(encrypted_text, "second steps")
        except InvalidToken:
            log.warning("a second step was set up under another SECRET_KEY; see docs/running.md")
            return base64.b32encode(secrets.token_bytes(20)).decode()
