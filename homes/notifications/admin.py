"""Admin pages of devices and deliveries."""

from django.contrib import admin

from homes.notifications.models import Delivery, NoticeChoice, PushSubscription
from pantry.admin import ReadOnlyAdmin


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    list_display = ["name", "user", "service", "created_at", "last_used_at", "failed_at"]
    list_select_related = ["user"]
    search_fields = ["name", "user__email", "user__name"]
    exclude = ["endpoint", "p256dh", "auth"]
    readonly_fields = ["service"]


@admin.register(NoticeChoice)
class NoticeChoiceAdmin(ReadOnlyAdmin):
    list_display = ["member", "home", "unwanted", "quiet_from", "quiet_until"]
    list_select_related = ["member__user", "home"]
    search_fields = ["member__user__email", "home__name"]


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["device", "home", "seq", "due_at", "attempts"]
    list_select_related = ["device", "home"]
    search_fields = ["device__user__email", "home__name"]
