"""Links that let people without an account use one list."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groceries.models.list import GroceryList
from homes.accounts.models import ApiToken, User
from homes.models import Home, Membership
from pantry.models import HomeRowQuerySet, Row


class GuestLinkQuerySet(HomeRowQuerySet["GuestLink"]):
    def open(self) -> "GuestLinkQuerySet":
        """Return the links that let somebody in."""
        members = Membership.objects.filter(home=models.OuterRef("home"), user=models.OuterRef("created_by"))
        return self.filter(
            models.Exists(members),
            revoked_at=None,
            expires_at__gt=timezone.now(),
            list__archived_at=None,
            session_version=models.F("created_by__session_version"),
            created_by__is_active=True,
            api_token__revoked_at=None,
        )

    def with_token(self, token: str) -> "GuestLink | None":
        links = self.select_related("home", "list", "created_by", "api_token")
        return links.filter(token_hash=GuestLink.hash_token(token)).first()


class GuestLink(Row):
    """A link to one list. Only the hash of its token is stored.

    It ends with the list, with the membership and the sign-ins of whoever made it (`end_sign_ins`), and with the API
    token that it was made with.
    """

    LIFETIMES = (timedelta(days=1), timedelta(days=7), timedelta(days=30))
    STATES = ("open", "revoked", "expired")

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    list = models.ForeignKey(GroceryList, on_delete=models.CASCADE, related_name="guest_links")
    name = models.CharField(_("for"), max_length=40)
    can_change = models.BooleanField(_("may add and tick"), default=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    session_version = models.PositiveIntegerField(editable=False)  # of `created_by`, when it was made
    api_token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, null=True, related_name="+", editable=False)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects: ClassVar[Any] = GuestLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("guest link")
        verbose_name_plural = _("guest links")
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="guest_link_has_a_name")]

    def __str__(self) -> str:
        return f"{self.name} · {self.list}"

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(24)

    @staticmethod
    def hash_token(token: str) -> str:
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

    @property
    def state(self) -> str:
        """Return the state. Needs `created_by`, `api_token` and `list`; costs a query for a link that may be open."""
        is_ended = self.list.archived_at is not None or self.created_by.session_version != self.session_version
        if self.revoked_at or is_ended or self.api_token and self.api_token.revoked_at:
            return "revoked"
        if self.expires_at <= timezone.now():
            return "expired"
        members = Membership.objects.filter(home=self.home_id, user=self.created_by_id, user__is_active=True)
        return "open" if members.exists() else "revoked"
