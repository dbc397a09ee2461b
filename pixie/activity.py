"""What happened with agents, their memory, schedules and suggestions, as sentences. They don't quote memories."""

from django.utils.translation import gettext_lazy

from homes.events.models import Event
from homes.hooks import Activity, Names


def _facts(event: Event, names: Names) -> dict[str, object]:
    data = event.data
    block = data.get("block") or {}
    return {
        "agent": (data.get("agent") or {}).get("display_name") or names.get(block.get("agent_id", ""), "Pixie"),
        "task": (data.get("scheduled") or {}).get("prompt", ""),
    }


PIXIE = Activity(
    label=gettext_lazy("Pixie and other agents"),
    facts=_facts,
    by_people=frozenset(("passage_remembered", "passage_changed", "passage_forgotten", "suggestion_made")),
    sentences={
        "agent_created": gettext_lazy("%(who)s added the agent %(agent)s."),
        "agent_updated": gettext_lazy("%(who)s changed the agent %(agent)s."),
        "agent_removed": gettext_lazy("%(who)s removed the agent %(agent)s."),
        "memory_block_created": gettext_lazy("%(who)s changed what %(agent)s always knows."),
        "memory_block_updated": gettext_lazy("%(who)s changed what %(agent)s always knows."),
        "memory_block_shared": gettext_lazy("%(who)s changed who reads what %(agent)s always knows."),
        "passage_remembered": gettext_lazy("%(who)s gave the agents something to remember."),
        "passage_changed": gettext_lazy("%(who)s corrected something that the agents remember."),
        "passage_forgotten": gettext_lazy("%(who)s let the agents forget something."),
        "lesson_learned": gettext_lazy("%(who)s said whether a message was understood."),
        "lesson_forgotten": gettext_lazy("%(who)s removed a lesson."),
        "schedule_created": gettext_lazy("%(who)s scheduled “%(task)s”."),
        "schedule_fired": gettext_lazy("It was time for “%(task)s”."),
        "schedule_moved": gettext_lazy("%(who)s changed the time of “%(task)s”."),
        "schedule_cancelled": gettext_lazy("%(who)s cancelled “%(task)s”."),
        "schedule_resumed": gettext_lazy("%(who)s scheduled “%(task)s” again."),
        "summary_chosen": gettext_lazy("%(who)s changed when the morning summary comes."),
        "summary_told": gettext_lazy("%(who)s told the morning summary."),
        "suggestion_made": gettext_lazy("%(who)s made a suggestion."),
        "suggestion_taken": gettext_lazy("%(who)s took a suggestion."),
        "suggestion_dismissed": gettext_lazy("%(who)s dismissed a suggestion."),
        "suggestion_reopened": gettext_lazy("%(who)s brought a suggestion back."),
        "suggestion_withdrawn": gettext_lazy("%(who)s withdrew a suggestion."),
        "model_access_changed": gettext_lazy("%(who)s changed the language model."),
    },
)
