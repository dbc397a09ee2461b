from django.apps import AppConfig


class GroceriesConfig(AppConfig):
    name = "groceries"

    def ready(self) -> None:
        from groceries.actions import furnish_aisles
        from homes import registry

        registry.founding.append(furnish_aisles)
