from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "homes.notifications"

    def ready(self) -> None:
        from homes import hooks
        from homes.accounts import hooks as account_hooks
        from homes.notifications.actions import remove_devices, stop_notifying

        account_hooks.on_account_locked.append(remove_devices)
        hooks.register(hooks.AppHooks(on_member_left=stop_notifying))
