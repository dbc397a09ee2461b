"""What Pixie says when its language model has no answer, and while it looks for one."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from pixie.llm import Trouble
from pixie.models import StopReason

WORKING: dict[str, Callable[[], str]] = {
    "": lambda: _("Thinking…"),
    "add_item": lambda: _("Writing it down…"),
    "list_items": lambda: _("Looking at your list…"),
    "mark_purchased": lambda: _("Ticking it off…"),
    "change_item": lambda: _("Looking at your list…"),
    "remove_item": lambda: _("Looking at your list…"),
    "set_recurring": lambda: _("Looking at what comes back…"),
    "budget_query": lambda: _("Adding up what was spent…"),
    "sum_up": lambda: _("Looking at the day…"),
    "search": lambda: _("Looking through what was said…"),
    "search_memory": lambda: _("Remembering…"),
    "remember": lambda: _("Making a note…"),
    "forget": lambda: _("Looking at what I know…"),
    "post_message": lambda: _("Passing it on…"),
    "add_reaction": lambda: _("Looking through what was said…"),
    "undo": lambda: _("Taking it back…"),
    "schedule_message": lambda: _("Writing it down…"),
    "list_scheduled": lambda: _("Looking at what is scheduled…"),
    "cancel_scheduled": lambda: _("Looking at what is scheduled…"),
}

SORRY: dict[str, Callable[[], str]] = {
    Trouble.NO_KEY: lambda: _("My language model asks for a key and there is none. An owner can enter it in the settings."),
    Trouble.WRONG_KEY: lambda: _("My language model does not know its key any more. An owner can look at it in the settings."),
    Trouble.NOT_ALLOWED: lambda: _("My key does not open this language model. An owner can choose another in the settings."),
    Trouble.NO_CREDIT: lambda: _("My language model is not paid for at its provider. Lists and dates still work."),
    Trouble.NO_MODEL: lambda: _("There is no language model of the name I was given. An owner can change it in the settings."),
    Trouble.NOT_PUBLIC: lambda: _("My language model's address is one I may not speak to. An owner can change it in the settings."),
    Trouble.BUSY: lambda: _("My language model has too much to do just now. Ask me again in a minute; lists and money work without it."),
    Trouble.CUT: lambda: _("The line to my language model was cut. Ask me again; lists and money work without it."),
    Trouble.SLOW: lambda: _("My language model took too long. Ask me again, perhaps in fewer words."),
    Trouble.GARBLED: lambda: _("I could not make sense of what my language model said. Ask me again, perhaps in other words."),
    Trouble.INVALID: lambda: _("My language model does not take what I send it. Ask me in fewer words, or have an owner look at the settings."),
    "refused": lambda: _("I would rather not answer that. Ask me about the home: its lists, its dates, its money."),
    "empty": lambda: _("I found nothing to say to that. Ask me in other words."),
    "run_budget": lambda: _("That would cost more than I may spend on one answer. Ask me for a smaller part of it."),
}  # fmt: skip

ENDED: dict[str, Callable[[], str]] = {
    StopReason.ERROR: lambda: _("Something went wrong on the way, and it was noted for who runs this server."),
    StopReason.MAX_STEPS: lambda: _("It took more steps than one answer may take."),
    StopReason.MAX_TOKENS: lambda: _("The answer was longer than one may be, and is cut off."),
    StopReason.CANCELLED: lambda: _("It was stopped before its end."),
    StopReason.NO_TOOL_CALL: lambda: _("My language model had nothing to say to that."),
    StopReason.INVALID_TOOL_CALL: lambda: _("My language model wanted to do things that can't be done here."),
}


def doing(tool: str) -> str:
    """What is being done, for who looks on."""
    return WORKING.get(tool, lambda: _("Working on it…"))()


def sorry(trouble: str) -> str:
    """A way on, for who asked."""
    return SORRY.get(trouble, SORRY["empty"])()


def why_ended(reason: str, error: str) -> str:
    """Of a run that did not end as it should; empty for the others. What `error` says is for the log."""
    if reason == StopReason.END_TURN or not reason:
        return ""
    trouble = error.partition(":")[0]
    if reason == StopReason.ERROR and trouble in SORRY:
        return SORRY[trouble]()
    return ENDED.get(reason, ENDED[StopReason.ERROR])()


def budget_spent(month: str) -> str:
    return _("My budget for %(month)s is spent. Lists and dates still work.") % {"month": month}
