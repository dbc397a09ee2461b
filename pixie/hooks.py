"""Hooks of the household, its event log and its notifications."""

from homes import hooks
from homes.events import hooks as event_hooks
from homes.events import undo
from homes.notifications import hooks as notification_hooks
from pixie.actions import cancel_schedules_of, create_pixie, daily, passages, schedules
from pixie.export import export_agents, export_memory, export_schedules, import_agents, import_memory, import_schedules
from pixie.memory.ingest import MEMORIES, undeleted_messages
from pixie.notifications import REMINDER, SUMMARY, reminder_notice, summary_notice
from pixie.tasks import nudge, nudge_memory

HOUSEHOLD = hooks.AppHooks(
    on_home_created=create_pixie,
    on_member_left=cancel_schedules_of,
    early_exports={"agents": (export_agents, import_agents)},  # chat and memory refer to agents
    exports={"memory": (export_memory, import_memory), "schedules": (export_schedules, import_schedules)},
    memories=MEMORIES,
    still_valid={"conversation": undeleted_messages, "decision": undeleted_messages},
)


def register() -> None:
    hooks.register(HOUSEHOLD)
    undo.register(schedules.UNDO | daily.UNDO | passages.UNDO)
    notification_hooks.register("schedule_fired", REMINDER, reminder_notice)
    notification_hooks.register("summary_told", SUMMARY, summary_notice)
    event_hooks.listen("chat_message", nudge)
    for event_type in hooks.memories:  # all apps are loaded: this one is the last
        event_hooks.listen(event_type, nudge_memory)
