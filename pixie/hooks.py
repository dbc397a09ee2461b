"""What Pixie adds to the household, its log and its notifications."""

from homes import hooks
from homes.events import hooks as event_hooks
from homes.events import undo
from homes.notifications import hooks as notification_hooks
from pixie.actions import cancel_parting, furnish_pixie, schedules, suggestions
from pixie.export import read_agents, read_memory, write_agents, write_memory
from pixie.memory.fact_extraction import MEMORIES, undeleted_messages
from pixie.notifications import REMINDER, SUMMARY, reminded, summed_up
from pixie.schedules.export import read_schedules, write_schedules
from pixie.tasks import nudge, nudge_memory

HOUSEHOLD = hooks.AppHooks(
    on_home_created=furnish_pixie,
    on_member_left=cancel_parting,
    early_exports={"agents": (write_agents, read_agents)},  # who speaks in the chat, and has something in mind
    exports={"memory": (write_memory, read_memory), "schedules": (write_schedules, read_schedules)},
    memories=MEMORIES,
    still_valid={"conversation": undeleted_messages, "decision": undeleted_messages},
)


def register() -> None:
    hooks.register(HOUSEHOLD)
    undo.register(schedules.UNDO | suggestions.UNDO)
    notification_hooks.register("schedule_fired", REMINDER, reminded)
    notification_hooks.register("summary_told", SUMMARY, summed_up)
    event_hooks.listen("chat_message", nudge)
    for kind in hooks.memories:  # of all apps: this one is the last
        event_hooks.listen(kind, nudge_memory)
