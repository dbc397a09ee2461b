from pixie.models.pending import PendingAction, PendingState
from pixie.models.run import Run, RunMessage, RunStatus, RunStep, StopReason

__all__ = ["PendingAction", "PendingState", "Run", "RunMessage", "RunStatus", "RunStep", "StopReason"]
