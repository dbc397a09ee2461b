from django.apps import AppConfig


class PixieConfig(AppConfig):
    name = "pixie"

    def ready(self) -> None:
        from homes import registry
        from pixie.founding import furnish_pixie
        from pixie.tasks import nudge, nudge_embedding

        registry.founding.append(furnish_pixie)
        registry.listen("chat_message", nudge)
        for told in ("passage_remembered", "passage_changed"):
            registry.listen(told, nudge_embedding)
