"""What an agent does later."""

from datetime import datetime

from pantry_pixie import models
from pantry_pixie.models import Page
from pantry_pixie.operations import UNSET, Id, Noun, Unset, Way, operation

SCHEDULED = "/api/homes/{home}/scheduled"


class Scheduled(Noun[Way]):
    @operation("GET", SCHEDULED, Page[models.Scheduled])
    def list(
        self, home: Id, *, status: str | Unset = UNSET, limit: int | Unset = UNSET, cursor: str | Unset = UNSET
    ) -> None:
        """What waits, the soonest first; with `status` what was fired or cancelled."""

    @operation("POST", SCHEDULED, models.Scheduled)
    def create(
        self,
        home: Id,
        prompt: str,
        trigger_at: datetime,
        *,
        rrule: str | Unset = UNSET,
        channel_id: Id | Unset = UNSET,
        agent_id: Id | Unset = UNSET,
    ) -> None:
        """Schedule something: once, or as `rrule` says from `trigger_at` on."""

    @operation("GET", f"{SCHEDULED}/{{scheduled}}", models.Scheduled)
    def get(self, home: Id, scheduled: Id) -> None:
        """Something that is, or was, scheduled."""

    @operation("POST", f"{SCHEDULED}/{{scheduled}}/cancel", models.Scheduled)
    def cancel(self, home: Id, scheduled: Id) -> None:
        """Cancel it."""

    @operation("POST", f"{SCHEDULED}/{{scheduled}}/resume", models.Scheduled)
    def resume(self, home: Id, scheduled: Id) -> None:
        """Let what was cancelled wait again."""


class Summary(Noun[Way]):
    @operation("GET", "/api/homes/{home}/summary", models.Summary)
    def get(self, home: Id) -> None:
        """At which hour the home is told what its day begins with."""

    @operation("PATCH", "/api/homes/{home}/summary", models.Summary)
    def choose(self, home: Id, hour: int | None) -> None:
        """Choose that hour; None for never."""
