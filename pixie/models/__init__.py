from pixie.models.access import ModelAccess, ModelPrice, Provider
from pixie.models.daily import DailyPosition, SummaryChoice
from pixie.models.memory import MemoryBlock, MemoryPosition, Passage, SharedBlockLink, Source
from pixie.models.pending import PendingAction, PendingState
from pixie.models.run import LOCAL, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.models.schedule import ScheduledMessage, ScheduleStatus
from pixie.models.suggestion import Suggestion, SuggestionKind, SuggestionState

__all__ = [
    "LOCAL",
    "DailyPosition",
    "MemoryBlock",
    "MemoryPosition",
    "Passage",
    "PendingAction",
    "PendingState",
    "ModelAccess",
    "ModelPrice",
    "PendingAction",
    "PendingState",
    "Provider",
    "Run",
    "RunMessage",
    "RunStatus",
    "RunStep",
    "ScheduleStatus",
    "ScheduledMessage",
    "SharedBlockLink",
    "Source",
    "StopReason",
    "Suggestion",
    "SuggestionKind",
    "SuggestionState",
    "SummaryChoice",
]
