"""Errors that actions raise, each with a message for the person. Interfaces translate them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class ActionError(Exception):
    """An action was refused."""

    code = "refused"
    status = 400  # of the API's response

    def __init__(self, message: Any, **names: Any) -> None:
        """`names` fill the message with what is only known to those who may read the home; `unnamed` is without it."""
        self.message = message % names if names else message
        self.unnamed = str(message % dict.fromkeys(names, "…") if names else message)
        super().__init__(self.message)


class ChoiceNeeded(ActionError):
    """The `value` of an argument does not do. `choices` are values that would, by their words."""

    def __init__(self, message: Any, value: Any, choices: Mapping[str, Any], **names: Any) -> None:
        super().__init__(message, **names)
        self.value, self.choices = value, dict(choices)


def check_length(text: str, max_chars: int) -> str:
    """Return the text. Raises ActionError if it is too long."""
    if len(text) > max_chars:
        message = _("Use at most %(max)d characters (you have %(count)d).")
        raise ActionError(message % {"max": max_chars, "count": len(text)})
    return text


class Forbidden(ActionError):
    """The actor may not do this."""

    code = "not_allowed"
    status = 403


class MissingScope(Forbidden):
    """The personal token that the actor came with lacks a scope."""

    code = "permission_denied"

    def __init__(self, scope: str) -> None:
        super().__init__(_("This token lacks the scope “%(scope)s”.") % {"scope": scope})


class Conflict(ActionError):
    """The name or key is already in use."""

    code = "taken"
    status = 409


class Gone(ActionError):
    """Something that the action is about was deleted meanwhile."""

    code = "not_found"
    status = 404


class Busy(ActionError):
    """Something similar is being done already. The same request may succeed after `wait` seconds."""

    code = "busy"
    status = 429

    def __init__(self, message: Any, wait: int) -> None:
        super().__init__(message)
        self.wait = wait


class BudgetExceeded(ActionError):
    """The budget is used up; `budget` has its limit and when it renews."""

    code = "budget_spent"
    status = 402

    def __init__(self, message: Any, budget: dict[str, Any]) -> None:
        super().__init__(message)
        self.budget = budget


class RateLimited(Busy):
    """Too many in a short time."""

    code = "throttled"

    def __init__(self, wait: int) -> None:
        text = ngettext(
            "You're doing that too quickly. Try again in %(n)d second.",
            "You're doing that too quickly. Try again in %(n)d seconds.",
            wait,
        )
        super().__init__(text % {"n": wait}, wait)


class StaleVersion(ActionError):
    """The row was changed meanwhile; `current` is its current state."""

    code = "stale"
    status = 409

    def __init__(self, message: Any, current: Any) -> None:
        super().__init__(message)
        self.current = current
