"""Schemas of the events of homes, members and invitations."""

from datetime import datetime
from uuid import UUID

from homes.events.schemas import Number, Snapshot, row_event


@row_event("home", "home_created", "home_updated")
class HomeSnapshot(Snapshot):
    id: UUID
    name: str
    timezone: str
    currency: str
    locale: str
    monthly_budget: Number | None
    shares_examples: bool = False
    fills_pantry: bool = False


@row_event("member", "member_joined", "member_updated", "member_left")
class MemberSnapshot(Snapshot):
    user_id: UUID
    name: str
    role: str
    number: int
    joined_at: datetime


@row_event("invitation", "invitation_created", "invitation_accepted", "invitation_revoked")
class InvitationSnapshot(Snapshot):
    id: UUID
    email: str
    role: str
    expires_at: datetime
    state: str
