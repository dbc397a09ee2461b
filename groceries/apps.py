from django.apps import AppConfig


class GroceriesConfig(AppConfig):
    name = "groceries"

    def ready(self) -> None:
        from groceries import hooks

        hooks.register()
