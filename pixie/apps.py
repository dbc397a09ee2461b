from django.apps import AppConfig

from homes import hooks
from homes.events import hooks as event_hooks
from homes.events.undo import undo_handlers
from homes.notifications import registry


class PixieConfig(AppConfig):
    name = "pixie"

    def ready(self) -> None:

        from pixie.actions import cancel_parting, schedules, suggestions
        from pixie.actions.agents import furnish_pixie
        from pixie.export import read_agents, read_memory, write_agents, write_memory
        from pixie.memory.fact_extraction import MEMORIES, still_said
        from pixie.notifications import REMINDER, SUMMARY, reminded, summed_up
        from pixie.schedules.export import read_schedules, write_schedules
        from pixie.tasks import nudge, nudge_memory

        hooks.on_home_created.append(furnish_pixie)
        hooks.on_member_left.append(cancel_parting)
        event_hooks.listen("chat_message", nudge)
        undo_handlers |= schedules.UNDO | suggestions.UNDO
        registry.register("schedule_fired", REMINDER, reminded)
        registry.register("summary_told", SUMMARY, summed_up)
        # Who speaks in the chat, and who has something in mind, comes in before that.
        hooks.exports = {
            "agents": (write_agents, read_agents),
            **hooks.exports,
            "memory": (write_memory, read_memory),
            "schedules": (write_schedules, read_schedules),
        }
        hooks.memories |= MEMORIES
        hooks.still_valid |= {"conversation": still_said, "decision": still_said}
        for kind in hooks.memories:  # of all apps: this one is the last
            event_hooks.listen(kind, nudge_memory)
