"""Refusals, each with a sentence that helps. Doors translate them; actions raise them."""

from typing import Any


class ActionError(Exception):
    """The request was understood and is not done."""

    code = "refused"
    status = 400
    """The HTTP status with which the API answers."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(ActionError):
    """It is somebody else's to do."""

    code = "not_allowed"
    status = 403


class Conflict(ActionError):
    """The same name or key already means something else."""

    code = "taken"
    status = 409


class BudgetExceeded(ActionError):
    """The money for it is used up; `budget` says how much there was, and when there is more."""

    code = "budget_spent"
    status = 402

    def __init__(self, message: Any, budget: dict[str, Any]) -> None:
        super().__init__(message)
        self.budget = budget


class StaleVersion(ActionError):
    """It was changed meanwhile; `current` is how it is now."""

    code = "stale"
    status = 409

    def __init__(self, message: Any, current: Any) -> None:
        super().__init__(message)
        self.current = current
