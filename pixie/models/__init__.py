from pixie.models.access import ModelAccess, ModelPrice, Provider
from pixie.models.daily import DailyPosition, SummaryChoice
from pixie.models.memory import MemoryBlock, MemoryPosition, Passage, SharedBlockLink, Source
from pixie.models.pending import PendingAction, PendingState
from pixie.models.run import LOCAL, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.models.schedule import ScheduledMessage, ScheduleStatus
from pixie.models.suggestion import Suggestion, SuggestionKind, SuggestionState
