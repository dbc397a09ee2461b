from django.apps import AppConfig


class PixieConfig(AppConfig):
    name = "pixie"

    def ready(self) -> None:
        from homes import registry
        from pixie.actions import cancel_parting, schedules, suggestions
        from pixie.export import read_agents, read_memory, write_agents, write_memory
        from pixie.founding import furnish_pixie
        from pixie.memory.fact_extraction import MEMORIES, still_said
        from pixie.notifications import REMINDER, SUMMARY, reminded, summed_up
        from pixie.schedules.export import read_schedules, write_schedules
        from pixie.tasks import nudge, nudge_memory

        registry.founding.append(furnish_pixie)
        registry.parting.append(cancel_parting)
        registry.listen("chat_message", nudge)
        registry.undoing |= schedules.UNDO | suggestions.UNDO
        registry.announce("schedule_fired", REMINDER, reminded)
        registry.announce("summary_told", SUMMARY, summed_up)
        # Who speaks in the chat, and who has something in mind, comes in before that.
        registry.exports = {
            "agents": (write_agents, read_agents),
            **registry.exports,
            "memory": (write_memory, read_memory),
            "schedules": (write_schedules, read_schedules),
        }
        registry.memories |= MEMORIES
        registry.standing |= {"conversation": still_said, "decision": still_said}
        for kind in registry.memories:  # of all apps: this one is the last
            registry.listen(kind, nudge_memory)
