"""Schemas of the events of homes, members and invitations."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from homes.events.schemas import EventData, Number, Snapshot, event


class HomeSnapshot(Snapshot):
    id: UUID
    name: str
    timezone: str
    currency: str
    locale: str
    monthly_budget: Number | None


class MemberSnapshot(Snapshot):
    user_id: UUID
    name: str
    role: str
    number: int
    joined_at: datetime


class InvitationSnapshot(Snapshot):
    id: UUID
    email: str
    role: str
    expires_at: datetime
    state: str


@event("home_created", "home_updated")
class HomeEvent(EventData):
    subject: ClassVar[str] = "home"
    home: HomeSnapshot


@event("member_joined", "member_updated", "member_left")
class MemberEvent(EventData):
    subject: ClassVar[str] = "member"
    member: MemberSnapshot


@event("invitation_created", "invitation_accepted", "invitation_revoked")
class InvitationEvent(EventData):
    subject: ClassVar[str] = "invitation"
    invitation: InvitationSnapshot
