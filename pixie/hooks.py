"""Hooks of the household, its event log and its notifications."""

from homes import hooks
from homes.events import hooks as event_hooks
from homes.events import undo
from homes.events.actor import Actor
from homes.events.log import subject_of
from homes.models import Membership
from homes.notifications import hooks as notification_hooks
from pixie.actions import (
    cancel_scheduled,
    cancel_schedules_of,
    create_pixie,
    forget_lessons_of,
    forget_passage,
    reopen_suggestion,
    resume_scheduled,
)
from pixie.actions.schedules import move_schedules
from pixie.activity import PIXIE
from pixie.export import AGENTS, MEMORY, SCHEDULES
from pixie.memory.cleanup import unindex_home
from pixie.memory.ingest import MEMORIES, undeleted_messages
from pixie.models import Passage, ScheduledMessage, Suggestion
from pixie.notifications import REMINDER, SUMMARY, reminder_notice, summary_notice
from pixie.tasks import nudge_memory, perform_runs


def _drop_member(member: Membership, by: Actor) -> None:
    cancel_schedules_of(member, by)
    forget_lessons_of(member, by)


HOUSEHOLD = hooks.AppHooks(
    on_home_created=create_pixie,
    on_member_left=_drop_member,
    on_time_zone_changed=move_schedules,
    on_home_erased=unindex_home,
    early_exports={"agents": AGENTS},  # chat and memory refer to agents
    exports={"memory": MEMORY, "schedules": SCHEDULES},
    memories=MEMORIES,
    still_valid={"conversation": undeleted_messages, "decision": undeleted_messages},
    activities={"pixie": PIXIE},
)
UNDO: dict[str, undo.Undo] = {
    "passage_remembered": lambda event, by: forget_passage(Passage(pk=event.subject_id), by=by),
    "schedule_created": lambda event, by: cancel_scheduled(subject_of(event, ScheduledMessage.objects), by=by),
    "schedule_cancelled": lambda event, by: resume_scheduled(subject_of(event, ScheduledMessage.objects), by=by),
}
UNDO_SUGGESTION: dict[str, undo.Undo] = {
    "suggestion_dismissed": lambda event, by: reopen_suggestion(subject_of(event, Suggestion.objects), by=by),
}


def register() -> None:
    hooks.register(HOUSEHOLD)
    undo.register(UNDO, scope="chat")
    undo.register(UNDO_SUGGESTION, scope="write")
    notification_hooks.register("schedule_fired", REMINDER, reminder_notice)
    notification_hooks.register("summary_told", SUMMARY, summary_notice)
    event_hooks.listen("chat_message", lambda home_id, _seq: perform_runs.delay(str(home_id)))
    for event_type in hooks.memories:  # all apps are loaded: this one is the last
        event_hooks.listen(event_type, nudge_memory)
