"""Base classes and helpers of the admin pages."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator

from pantry.models import Operation


class ReadOnlyMixin:
    """Members change the rows; staff can only view them."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission


class ReadOnlyAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    pass


class ReadOnlyInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    show_change_link = True


def format_json(value: Any) -> str:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False, default=str))


def truncate(row: Model, field: str) -> str:
    return Truncator(getattr(row, field)).chars(80)


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    list_display = ["key", "user", "status", "created_at"]
    list_select_related = ["user"]
    search_fields = ["=key", "user__email"]
