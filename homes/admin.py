"""Homes, members and invitations in the admin."""

from typing import Any

from django.contrib import admin

from homes.actions import update_home
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Agent, Home, Import, Invitation, Membership
from pantry.admin import ReadOnlyAdmin, ReadOnlyInline, ReadOnlyMixin


class MembershipInline(ReadOnlyInline):
    model = Membership
    readonly_fields = fields = ("user", "role", "number", "joined_at")


class AgentInline(ReadOnlyInline):
    model = Agent
    readonly_fields = fields = ("display_name", "slug", "is_active", "enqueued_seq")


@admin.register(Home)
class HomeAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["name", "created_by", "timezone", "currency", "monthly_budget", "last_seq", "created_at"]
    list_filter = ["currency", "locale"]
    list_select_related = ["created_by"]
    search_fields = ["name", "memberships__user__email", "memberships__user__name"]
    readonly_fields = ["created_by", "shares_examples", "last_seq", "created_at"]
    inlines = [MembershipInline, AgentInline]
    date_hierarchy = "created_at"

    has_change_permission = admin.ModelAdmin.has_change_permission

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Save through the action, which records an event."""
        by = Actor(home=obj, staff_user=request.user, origin=Origin.ADMIN)
        update_home(obj, by=by, **{name: form.cleaned_data[name] for name in form.changed_data})


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["user", "home", "role", "joined_at"]
    list_filter = ["role"]
    list_select_related = ["user", "home"]
    search_fields = ["user__email", "user__name", "home__name"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ["home", "email", "role", "invited_by", "expires_at", "accepted_by", "revoked_at"]
    list_select_related = ["home", "invited_by", "accepted_by"]
    search_fields = ["home__name", "email"]
    exclude = ["token_hash"]


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = ["name", "user", "state", "done_rows", "total_rows", "attempts", "created_at", "finished_at"]
    list_filter = ["state"]
    list_select_related = ["user"]
    search_fields = ["name", "user__email"]
