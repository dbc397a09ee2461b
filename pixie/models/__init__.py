from pixie.models.language_model import ModelAccess, ModelPrice, Provider
from pixie.models.lesson import Lesson
from pixie.models.memory import MemoryBlock, MemoryPosition, Passage, SharedBlockLink, Source
from pixie.models.run import LOCAL, PendingAction, PendingState, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.models.schedule import ScheduledMessage, ScheduleStatus
from pixie.models.suggestion import DailyPosition, Suggestion, SuggestionKind, SuggestionState, SummaryChoice
