from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "homes.notifications"

    def ready(self) -> None:
        from homes.accounts.credentials import on_account_locked
        from homes.hooks import AppHooks, register
        from homes.notifications.actions import remove_devices, stop_notifying

        on_account_locked.append(remove_devices)
        register(AppHooks(on_member_left=stop_notifying))
