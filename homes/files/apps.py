from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "homes.files"

    def ready(self) -> None:
        from homes import hooks
        from homes.events import undo
        from homes.files.actions import UNDO
        from homes.files.activity import FILES
        from homes.files.deletion import delete_contents_of_home

        hooks.register(hooks.AppHooks(on_home_erased=delete_contents_of_home, activities={"files": FILES}))
        undo.register(UNDO, scope="write")
