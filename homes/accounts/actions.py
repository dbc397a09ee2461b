"""Sign up, and create and revoke personal tokens."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from homes.accounts.credentials import token_credential
from homes.accounts.models import ApiToken, User
from pantry import broadcast
from pantry.errors import ActionError
from pantry.text import visible_line

if TYPE_CHECKING:
    from homes.models import Home


@transaction.atomic
def sign_up(email: str, password: str, name: str, *, locale: str = "") -> User:
    """A new account. Raises ActionError for an e-mail that somebody has, ValidationError for a weak password."""
    name, email = visible_line(name)[:80], email.strip().lower()
    if not name:
        raise ActionError(_("What do they call you at home? A name is missing."))
    if User.objects.filter(email__iexact=email).exists():
        raise ActionError(_("Somebody has an account with this e-mail already. If that is you, sign in."))
    validate_password(password, User(email=email, name=name))
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, locale=locale)
    except IntegrityError as error:  # two at once: the unique key decides
        raise ActionError(_("Somebody has an account with this e-mail already. If that is you, sign in.")) from error
    EmailAddress.objects.create(user=user, email=email, primary=True)
    return user


@transaction.atomic
def create_api_token(
    user: User, name: str, scopes: list[str], *, home: "Home | None" = None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A personal key, which is shown this once and kept nowhere. With a `home` it opens that one alone."""
    key = ApiToken.new_key()
    token = ApiToken(
        user=user, home=home, name=visible_line(name)[:80], prefix=key[:8], key_hash=ApiToken.hash_key(key)
    )
    if not token.name:
        raise ActionError(_("A token needs a name, to tell it from others."))
    token.scopes, token.expires_at = sorted(set(scopes), key=ApiToken.SCOPES.index), expires_at
    token.save(force_insert=True)
    return token, key


@transaction.atomic
def revoke_api_token(token: ApiToken) -> None:
    """From now on it opens nothing. A second time it is harmless."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    transaction.on_commit(partial(broadcast.revoke, token_credential(token.pk)), robust=True)
