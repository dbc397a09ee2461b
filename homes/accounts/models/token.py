"""Personal API tokens, for scripts, the command line and MCP."""

import hashlib
import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.accounts.models.user import User
from pantry.models import Row


class ApiToken(Row):
    """A personal token. Only its hash is stored, with a prefix that identifies it to its owner."""

    SCOPES = ("read", "write", "chat", "admin")
    PREFIX = "pp_"

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

    @staticmethod
    def new_key() -> str:
        return f"{ApiToken.PREFIX}{secrets.token_urlsafe(32)}"

    @staticmethod
    def hash_key(key: str) -> str:
        return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
