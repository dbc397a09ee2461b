"""The back office of homes: people, homes, members, the log."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.utils.translation import gettext_lazy as _

from homes.models import (
    Agent,
    ApiToken,
    Delivery,
    Event,
    Home,
    Invitation,
    Membership,
    NoticeChoice,
    Operation,
    PushSubscription,
    User,
)
from pantry.admin import EvidenceAdmin, ReadOnlyInline, pretty

admin.site.site_header = admin.site.site_title = "Pantry Pixie"
admin.site.index_title = _("Back office")


class MembershipInline(ReadOnlyInline):
    model = Membership
    readonly_fields = (
        "user",
        "role",
        "number",
        "joined_at",
    )
    fields = readonly_fields


class AgentInline(ReadOnlyInline):
    model = Agent
    readonly_fields = (
        "display_name",
        "slug",
        "is_active",
        "mail_seq",
    )
    fields = readonly_fields


class PersonPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    def save(self, commit: bool = True) -> Any:
        from homes.accounts.adapter import revoke_old_password

        with revoke_old_password(self.user):
            return super().save(commit)


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    ordering = ["email"]
    change_password_form = PersonPasswordForm
    list_display = ["email", "name", "is_active", "is_staff", "created_at", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["email", "name"]
    readonly_fields = ["created_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "name", "locale", "password"]}),
        (_("May"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("When"), {"fields": ["created_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False  # an account is closed, its household's history stays

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        from homes.actions import forget_devices

        super().save_model(request, obj, form, change)
        if not obj.is_active:
            forget_devices(obj)


@admin.register(Home)
class HomeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "created_by", "timezone", "currency", "monthly_budget", "last_seq", "created_at"]
    list_filter = ["currency", "locale"]
    list_select_related = ["created_by"]
    search_fields = ["name", "memberships__user__email", "memberships__user__name"]
    readonly_fields = ["created_by", "last_seq", "created_at"]
    inlines = [MembershipInline, AgentInline]
    date_hierarchy = "created_at"

    def has_add_permission(self, request: Any) -> bool:
        return False  # a home is founded by who lives in it

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Through the action, so that the home's members see it and the log has it."""
        from homes.actions import update_home_from_office

        update_home_from_office(obj, request.user, {name: form.cleaned_data[name] for name in form.changed_data})


@admin.register(Membership)
class MembershipAdmin(EvidenceAdmin):
    list_display = ["user", "home", "role", "joined_at"]
    list_filter = ["role"]
    list_select_related = ["user", "home"]
    search_fields = ["user__email", "user__name", "home__name"]


@admin.register(Invitation)
class InvitationAdmin(EvidenceAdmin):
    list_display = ["home", "email", "role", "invited_by", "expires_at", "accepted_by", "revoked_at"]
    list_select_related = ["home", "invited_by", "accepted_by"]
    search_fields = ["home__name", "email"]
    exclude = ["token_hash"]


@admin.register(Event)
class EventAdmin(EvidenceAdmin):
    list_display = ["home", "seq", "type", "who", "door", "created_at"]
    list_filter = ["type", "door"]
    list_select_related = ["home", "actor_user", "actor_agent"]
    search_fields = ["=type", "home__name", "actor_user__email", "=op_id", "=subject_id"]
    date_hierarchy = "created_at"
    ordering = ["-created_at"]
    show_full_result_count = False
    exclude = ["data", "changes"]
    readonly_fields = ["data_", "changes_"]

    @admin.display(description=_("who"))
    def who(self, event: Event) -> str:
        return " / ".join(str(actor) for actor in (event.actor_user, event.actor_agent) if actor) or "–"

    @admin.display(description=_("what is so now"))
    def data_(self, event: Event) -> str:
        return pretty(event.data)

    @admin.display(description=_("what changed"))
    def changes_(self, event: Event) -> str:
        return pretty(event.changes)


@admin.register(ApiToken)
class ApiTokenAdmin(EvidenceAdmin):
    list_display = ["prefix", "name", "user", "home", "last_used_at", "expires_at", "revoked_at"]
    list_select_related = ["user", "home"]
    search_fields = ["prefix", "name", "user__email"]
    exclude = ["key_hash"]


@admin.register(PushSubscription)
class PushSubscriptionAdmin(EvidenceAdmin):
    list_display = ["name", "user", "service", "created_at", "last_used_at", "failed_at"]
    list_select_related = ["user"]
    search_fields = ["name", "user__email", "user__name"]
    exclude = ["endpoint", "p256dh", "auth"]
    readonly_fields = ["service"]


@admin.register(NoticeChoice)
class NoticeChoiceAdmin(EvidenceAdmin):
    list_display = ["member", "home", "unwanted", "quiet_from", "quiet_until"]
    list_select_related = ["member__user", "home"]
    search_fields = ["member__user__email", "home__name"]


@admin.register(Delivery)
class DeliveryAdmin(EvidenceAdmin):
    list_display = ["device", "home", "seq", "due_at", "attempts"]
    list_select_related = ["device", "home"]
    search_fields = ["device__user__email", "home__name"]


@admin.register(Operation)
class OperationAdmin(EvidenceAdmin):
    list_display = ["key", "user", "status", "created_at"]
    list_select_related = ["user"]
    search_fields = ["=key", "user__email"]
