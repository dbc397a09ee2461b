"""The address under which a member's calendar program reads the events of a home."""

import hashlib
import secrets
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import User
from homes.models import Home, Membership
from pantry.models import HomeRowQuerySet, Row


class CalendarFeedQuerySet(HomeRowQuerySet["CalendarFeed"]):
    def open(self) -> "CalendarFeedQuerySet":
        """Return the feeds that can be read."""
        members = Membership.objects.filter(home=models.OuterRef("home"), user=models.OuterRef("user"))
        is_current = models.Q(session_version=models.F("user__session_version"), user__is_active=True)
        return self.filter(is_current, models.Exists(members))

    def with_token(self, token: str) -> "CalendarFeed | None":
        """Return the open feed with this key."""
        feeds = self.open().select_related("home", "user")
        return feeds.filter(token_hash=CalendarFeed.hash_token(token)).first()


class CalendarFeed(Row):
    """The key with which the events of a home are read on behalf of a member. Only its hash is stored.

    It ends with the membership and with the sign-ins of the member (`end_sign_ins`).
    """

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    session_version = models.PositiveIntegerField(editable=False)  # of the user, when it was made

    objects: ClassVar[Any] = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        constraints = [models.UniqueConstraint(fields=["home", "user"], name="calendar_feed_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.home}"

    @staticmethod
    def hash_token(token: str) -> str:
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(24)
