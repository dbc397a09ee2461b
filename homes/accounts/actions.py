"""Sign up, create and revoke personal tokens, and end sign-ins."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homes.accounts.credentials import account_locked, password_credential, token_credential
from homes.accounts.models import ApiToken, User
from homes.accounts.sessions import list_session
from pantry import broadcast
from pantry.errors import ActionError, check_length
from pantry.text import validate_ascii_email, visible_line

if TYPE_CHECKING:
    from homes.models import Home

EMAIL_TAKEN = gettext_lazy("There's already an account with this email. If it's yours, sign in.")


class EmailTaken(ActionError):
    """Another account has this email."""


@transaction.atomic
def sign_up(email: str, password: str, name: str, *, locale: str = "") -> User:
    """Create an account. Raises EmailTaken, ActionError for a name, and ValidationError for an email or password."""
    validate_ascii_email(email)
    name, email = check_length(visible_line(name), 80), email.strip().lower()
    if not name:
        raise ActionError(_("Enter your name."))
    validate_password(password, User(email=email, name=name))
    if User.objects.filter(email__iexact=email).exists():
        raise EmailTaken(EMAIL_TAKEN)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, locale=locale)
    except IntegrityError as error:  # a simultaneous request took the email
        raise EmailTaken(EMAIL_TAKEN) from error
    EmailAddress.objects.create(user=user, email=email, primary=True)
    return user


@transaction.atomic
def create_api_token(
    user: User, name: str, scopes: list[str], *, home: "Home | None" = None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Create a personal token and its key, which is not stored. With a `home`, it is limited to that home.

    Raises ActionError without a name, and if the user has too many tokens.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two requests of one user wait for each other
    valid = user.api_tokens.filter(revoked_at=None).exclude(expires_at__lte=timezone.now())
    if valid.count() >= ApiToken.MAX_PER_USER:
        message = _("You have %(max)d personal tokens, the most there may be. Revoke one that you no longer need.")
        raise ActionError(message % {"max": ApiToken.MAX_PER_USER})
    key = ApiToken.new_key()
    name = check_length(visible_line(name), 80)
    token = ApiToken(user=user, home=home, name=name, prefix=key[:8], key_hash=ApiToken.hash_key(key))
    if not token.name:
        raise ActionError(_("Give the token a name."))
    token.scopes, token.expires_at = sorted(set(scopes), key=ApiToken.SCOPES.index), expires_at
    token.save(force_insert=True)
    return token, key


@transaction.atomic
def revoke_api_token(token: ApiToken) -> None:
    """Revoke a personal token, and close the connections it authenticated. Its invitations end, too. Idempotent."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    transaction.on_commit(partial(broadcast.revoke, token_credential(token.pk)), robust=True)


@transaction.atomic
def deactivate(user: User) -> None:
    """Close the account for good: it can't sign in, and its email is free for another. Its name stays in histories."""
    end_sign_ins(user)
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    user.email = f"{user.pk}@closed.invalid"
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save(update_fields=["email", "is_active", "is_staff", "is_superuser", "password"])


@transaction.atomic
def end_sign_ins(user: User, *, request: HttpRequest | None = None) -> None:
    """End the user's sessions, JWTs, personal tokens, push devices and connections; not the session of `request`.

    A change of the email that is not confirmed yet ends as well: its link is in the mailbox of whoever asked for it.
    So do the user's open invitations, which are bound to the `session_version`.

    For whenever a credential may be in other hands: after a new password, when two-step verification is turned on, and
    when the user signs out everywhere.
    """
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)
    old = password_credential(user)
    user.refresh_from_db(fields=["session_version"])
    transaction.on_commit(partial(broadcast.revoke, old), robust=True)
    for token in ApiToken.objects.filter(user=user, revoked_at=None):
        revoke_api_token(token)
    EmailAddress.objects.filter(user=user, verified=False).exclude(email__iexact=user.email).delete()
    get_sessions_adapter().end_sessions(UserSession.objects.filter(user=user))
    account_locked(user)
    if request is not None:
        update_session_auth_hash(request, user)
        list_session(request)
