"""Helpers for tests of runs."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from chat.models import Message
from groceries.models import GroceryList
from pixie.models import Run
from pixie.runs import queue

# A message that only a language model can answer.
MODEL_REQUEST = "Could you think of something for the party, whatever you like"


# The note under an answer of a language model.
NOTHING_DONE = "Nothing was changed. Nothing was sent."
NOTHING_ELSE = "Nothing else was changed or sent."


def unchanged(text: str) -> str:
    """Return the answer with a model's text after a run that did nothing."""
    return f"{text}\n\n{NOTHING_DONE}"


def own_words(answer: Message) -> str:
    """Return the model's text in an answer, without the note under it."""
    return answer.body.removesuffix(answer.metadata["note"]).rstrip()


class WorkerDied(BaseException):
    """The death of a worker, which no `except Exception` sees."""


def get_run() -> Run:
    """Return the only run."""
    return Run.objects.get()


def run_result(run: Run | None = None) -> tuple[str, str]:
    """Return the status and stop reason of the run, by default of the only one."""
    run = run or get_run()
    return run.status, run.stop_reason


def expire_leases() -> None:
    Run.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))


def agent_messages() -> list[str]:
    """Return the bodies of all messages of agents, oldest first."""
    return [message.body for message in Message.objects.filter(author_agent__isnull=False).order_by("seq")]


def pending_entries(grocery_list: GroceryList) -> list[str]:
    """Return the pending entries as text."""
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def process_home(home_id: UUID) -> int:
    """Perform all runs of the home, those with a language model last. Returns the number of finished runs."""
    finished = queue.process_home(home_id)
    while (run := queue.perform_model_run(home_id)) is not None:
        finished += run.is_finished
    return finished
