from django.apps import AppConfig


class PixieConfig(AppConfig):
    name = "pixie"

    def ready(self) -> None:
        from pixie import hooks

        hooks.register()
