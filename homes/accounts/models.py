"""User accounts, and personal API tokens for scripts, the command line and MCP."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from pantry.models import MutableRow, Row
from pantry.text import validate_ascii_email


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin, MutableRow):
    email = models.EmailField(_("email"), unique=True, validators=[validate_ascii_email])
    name = models.CharField(_("name"), max_length=80)
    locale = models.CharField(_("language"), max_length=10, blank=True)
    is_staff = models.BooleanField(_("staff status"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    session_version = models.PositiveIntegerField(default=0, editable=False)  # see `end_sign_ins`

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=~models.Q(email=""), name="user_has_an_email"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what sessions and JWTs are bound to, by password and version: another version ends them all."""
        value = f"{self.password} {self.session_version}"
        return salted_hmac("homes.accounts.session", value, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class ApiToken(Row):
    """A personal token. Only its hash is stored, with a prefix that identifies it to its owner."""

    SCOPES = ("read", "write", "chat", "admin")
    SCOPE_LABELS: ClassVar[dict[str, Any]] = {
        "read": _("Read lists, rooms and spending"),
        "write": _("Change lists and items"),
        "chat": _("Write messages and talk to Pixie"),
        "admin": _("Manage homes and their members"),
    }
    PREFIX = "pp_"
    MAX_PER_USER = 50

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    home = models.ForeignKey("homes.Home", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    last_used_at = models.DateTimeField(_("last used"), null=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def scope_labels(self) -> list[str]:
        return [str(self.SCOPE_LABELS[scope]) for scope in self.scopes]

    @staticmethod
    def new_key() -> str:
        return f"{ApiToken.PREFIX}{secrets.token_urlsafe(32)}"

    @staticmethod
    def hash_key(key: str) -> str:
        return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
