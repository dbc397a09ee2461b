"""What an agent says while it works, when its language model fails, and when it is asleep."""

from collections.abc import Callable
from datetime import date

from django.utils import formats
from django.utils.translation import gettext as _

from chat.models import Channel, Message
from homes.events.models import Event
from homes.models import Agent
from pantry.money import number
from pixie.llm import ErrorKind
from pixie.models import StopReason

PROGRESS: dict[str, Callable[[], str]] = {
    "": lambda: _("Thinking…"),
    "add_item": lambda: _("Writing it down…"),
    "list_items": lambda: _("Looking at your list…"),
    "mark_purchased": lambda: _("Ticking it off…"),
    "mark_all_purchased": lambda: _("Ticking it off…"),
    "change_item": lambda: _("Looking at your list…"),
    "remove_item": lambda: _("Looking at your list…"),
    "have_at_home": lambda: _("Looking at your list…"),
    "swap_item": lambda: _("Looking at your list…"),
    "move_item": lambda: _("Looking at your lists…"),
    "put_back": lambda: _("Looking at your list…"),
    "set_aisle": lambda: _("Looking at your list…"),
    "clear_list": lambda: _("Looking at your list…"),
    "approve_list": lambda: _("Looking at your list…"),
    "complete_list": lambda: _("Looking at your list…"),
    "start_list": lambda: _("Looking at your lists…"),
    "rename_list": lambda: _("Looking at your lists…"),
    "archive_list": lambda: _("Looking at your lists…"),
    "delete_list": lambda: _("Looking at your lists…"),
    "item_on_list": lambda: _("Looking at your list…"),
    "who_added": lambda: _("Looking at your list…"),
    "purchases": lambda: _("Looking at what was bought…"),
    "change_recurring": lambda: _("Checking recurring items…"),
    "set_recurring": lambda: _("Checking recurring items…"),
    "running_low": lambda: _("Looking at what was bought…"),
    "answer_forecast": lambda: _("Looking at what was bought…"),
    "list_pantry": lambda: _("Looking into the pantry…"),
    "add_to_pantry": lambda: _("Looking into the pantry…"),
    "use_from_pantry": lambda: _("Looking into the pantry…"),
    "keep_in_stock": lambda: _("Looking into the pantry…"),
    "add_expense": lambda: _("Writing it down…"),
    "add_text": lambda: _("Writing it down…"),
    "correct_price": lambda: _("Looking at what was bought…"),
    "set_trip_total": lambda: _("Writing it down…"),
    "rename_item": lambda: _("Looking at what was bought…"),
    "merge_items": lambda: _("Looking at what was bought…"),
    "list_balances": lambda: _("Adding up the expenses…"),
    "budget_query": lambda: _("Adding up the spending…"),
    "sum_up": lambda: _("Summing up the day…"),
    "search": lambda: _("Searching the messages…"),
    "search_memory": lambda: _("Remembering…"),
    "remember": lambda: _("Making a note…"),
    "forget": lambda: _("Checking what I know…"),
    "post_message": lambda: _("Posting the message…"),
    "add_reaction": lambda: _("Finding the message…"),
    "undo": lambda: _("Undoing it…"),
    "schedule_message": lambda: _("Writing it down…"),
    "list_scheduled": lambda: _("Checking the schedule…"),
    "cancel_scheduled": lambda: _("Checking the schedule…"),
    "create_task": lambda: _("Writing it down…"),
    "list_tasks": lambda: _("Looking at the tasks…"),
    "complete_task": lambda: _("Looking at the tasks…"),
}

SERVER = "server_"
"""Begins the kind of an error that the home's owners cannot mend, because the key is the server's."""

ERRORS: dict[str, Callable[[], str]] = {
    ErrorKind.NO_KEY: lambda: _("My language model needs a key. An owner can enter one in the settings."),
    ErrorKind.WRONG_KEY: lambda: _("My language model no longer accepts its key. An owner can check it in the settings."),
    ErrorKind.NOT_ALLOWED: lambda: _("My key doesn't give access to this language model. An owner can choose another in the settings."),
    ErrorKind.NO_CREDIT: lambda: _("My language model's account has run out of credit. An owner can top it up at the provider. Lists and dates still work."),
    ErrorKind.NO_MODEL: lambda: _("There is no language model with the name I was given. An owner can change it in the settings."),
    ErrorKind.NOT_PUBLIC: lambda: _("I'm not allowed to connect to my language model's address. An owner can change it in the settings."),
    ErrorKind.BUSY: lambda: _("My language model is too busy right now. Ask me again in a minute. Lists and money work without it."),
    ErrorKind.DISCONNECTED: lambda: _("I lost the connection to my language model. Please ask me again. Lists and money work without it."),
    ErrorKind.TIMEOUT: lambda: _("My language model took too long. Please ask me again, maybe in fewer words."),
    ErrorKind.UNREADABLE: lambda: _("I couldn't make sense of my language model's reply. Please ask me again, maybe in other words."),
    ErrorKind.TOO_LONG: lambda: _("My language model's answer was too long, so I stopped it and did nothing of it. Ask me for a smaller part."),
    ErrorKind.INVALID: lambda: _("My language model rejected the request. Try fewer words, or have an owner check the settings."),
    SERVER + ErrorKind.NO_KEY: lambda: _("My language model needs a key. Whoever runs this server can enter one."),
    SERVER + ErrorKind.WRONG_KEY: lambda: _("My language model no longer accepts this server's key. Whoever runs the server can change it. Lists and dates still work."),
    SERVER + ErrorKind.NOT_ALLOWED: lambda: _("This server's key doesn't give access to my language model. Whoever runs the server can change that. Lists and dates still work."),
    SERVER + ErrorKind.NO_CREDIT: lambda: _("This server's account at my language model has run out of credit. Whoever runs the server can top it up. Lists and dates still work."),
    SERVER + ErrorKind.NO_MODEL: lambda: _("There is no language model with the name that this server uses. Whoever runs the server can change it. Lists and dates still work."),
    SERVER + ErrorKind.INVALID: lambda: _("My language model rejected the request. Try fewer words, or tell whoever runs this server."),
    "refused": lambda: _("I'd rather not answer that. Ask me about the home: its lists, dates and money."),
    "empty": lambda: _("I don't have an answer to that. Try asking in other words."),
    "run_budget": lambda: _("That would cost more than one answer may. Ask me for a smaller part of it."),
}  # fmt: skip

END_REASONS: dict[str, Callable[[], str]] = {
    StopReason.ERROR: lambda: _("Something went wrong. The error has been logged."),
    StopReason.MAX_STEPS: lambda: _("The answer took too many steps, so I stopped. Ask me for a smaller part of it."),
    StopReason.MAX_TOKENS: lambda: _("The answer was too long and was cut off."),
    StopReason.CANCELLED: lambda: _("It was stopped before it finished."),
    StopReason.NO_TOOL_CALL: lambda: _("The language model had no answer to that."),
    StopReason.INVALID_TOOL_CALL: lambda: _("The language model tried to do things that aren't possible here."),
}


def progress_text(tool: str) -> str:
    """Return what to show while a tool runs; `tool` is empty while the model thinks."""
    return PROGRESS.get(tool, lambda: _("Working on it…"))()


def error_text(error: str) -> str:
    """Explain a failure to the member who asked. `error` begins with the kind of error."""
    return _find_error(error, ERRORS["empty"])()


def _find_error(error: str, default: Callable[[], str]) -> Callable[[], str]:
    kind = error.partition(":")[0]
    return ERRORS.get(kind) or ERRORS.get(kind.removeprefix(SERVER)) or default


def end_reason_text(reason: str, error: str) -> str:
    """Explain why a run ended early; empty for other runs. `error` begins with the kind of error and is never shown."""
    if reason == StopReason.END_TURN or not reason:
        return ""
    end_reason = END_REASONS.get(reason, END_REASONS[StopReason.ERROR])
    return (_find_error(error, end_reason) if reason == StopReason.ERROR else end_reason)()


def shortened_text(limit: int) -> str:
    return _("The answer had more than %(limit)s characters and was cut off.") % {"limit": number(limit)}


def budget_spent_text(month: date) -> str:
    name = formats.date_format(month, "F")
    return _("My budget for %(month)s is used up. Lists and dates still work.") % {"month": name}


def has_announced_sleep(agent: Agent, channel: Channel) -> bool:
    """Return whether the agent has said in the channel that it is asleep, since it was put to sleep."""
    changes = Event.objects.filter(home=agent.home_id, subject_id=agent.pk, changes__has_key="is_active")
    last_seq = changes.order_by("-seq").values_list("seq", flat=True).first() or 0
    return Message.objects.filter(channel=channel, author_agent=agent, metadata__asleep=True, seq__gt=last_seq).exists()
