"""What the events of a home's language model say. Never a key."""

from typing import ClassVar
from uuid import UUID

from homes.events import EventData, Number, Snapshot, event


class ModelAccessSnapshot(Snapshot):
    id: UUID
    provider: str
    url: str
    key_end: str
    small: str
    normal: str
    large: str
    monthly_budget_usd: Number | None


@event("model_access_changed")
class ModelAccessEvent(EventData):
    subject: ClassVar[str] = "model_access"
    model_access: ModelAccessSnapshot
