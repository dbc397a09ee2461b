from django.apps import AppConfig


class PixieConfig(AppConfig):
    name = "pixie"

    def ready(self) -> None:
        from homes import registry
        from pixie.export import read_agents, read_memory, write_agents, write_memory
        from pixie.founding import furnish_pixie
        from pixie.overhearing import MEMORIES, still_said
        from pixie.tasks import nudge, nudge_memory

        registry.founding.append(furnish_pixie)
        registry.listen("chat_message", nudge)
        # Who speaks in the chat, and who has something in mind, comes in before that.
        registry.exports = {
            "agents": (write_agents, read_agents),
            **registry.exports,
            "memory": (write_memory, read_memory),
        }
        registry.memories |= MEMORIES
        registry.standing |= {"conversation": still_said, "decision": still_said}
        for kind in registry.memories:  # of all apps: this one is the last
            registry.listen(kind, nudge_memory)
