from pixie.models.access import ModelAccess, ModelPrice, Provider
from pixie.models.pending import PendingAction, PendingState
from pixie.models.run import Run, RunMessage, RunStatus, RunStep, StopReason

__all__ = [
    "ModelAccess",
    "ModelPrice",
    "PendingAction",
    "PendingState",
    "Provider",
    "Run",
    "RunMessage",
    "RunStatus",
    "RunStep",
    "StopReason",
]
