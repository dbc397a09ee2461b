"""API to export and import a home."""

from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore
from typing import Any, cast
from uuid import uuid5

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from homes.api.serializers import HomeSerializer
from homes.api.viewsets import HomeViewSet
from homes.events.models import Origin
from homes.export import FORMAT, export_home
from homes.imports import RETRY_AFTER_SECONDS, import_home
from homes.models import Home
from pantry.api.endpoints import endpoint
from pantry.api.fields import DateTime, Id, Integer, Line, currency, money, zone
from pantry.api.viewsets import ApiViewSet
from pantry.errors import Busy

MAX_MEMORY_BYTES = 1_000_000  # larger exports go to a temporary file
MAX_CONCURRENT_IMPORTS = 2  # in each process: one occupies a thread, and a few times the memory of its file


class ExportedHome(HomeSerializer):
    created_at = None  # type: ignore[assignment]


class HomeFile(serializers.Serializer):  # type: ignore[type-arg]
    """An exported home. It isn't meant to be written by hand."""

    format = serializers.IntegerField()
    exported_at = serializers.DateTimeField(required=False)
    home = ExportedHome()
    members = serializers.ListField(child=serializers.DictField(), required=False, help_text="Members when exported.")
    agents = serializers.ListField(child=serializers.DictField(), required=False, help_text="Pixie first.")
    groceries = serializers.DictField(required=False, help_text="Aisles, items, lists, list items and recurring items.")
    chat = serializers.DictField(required=False, help_text="Rooms and chats that the owner could read.")
    memory = serializers.DictField(required=False, help_text="What the agents know, as far as the owner may see it.")


class ImportedHome(serializers.Serializer):  # type: ignore[type-arg]
    id = Id()
    name = Line(80)
    timezone = zone()
    currency = currency()
    locale = Line(10, help_text="The default if this server does not have the language.")
    monthly_budget = money(allow_null=True)


class ImportFile(HomeFile):
    """A file created by the export."""

    format = Integer(FORMAT, FORMAT)  # type: ignore[assignment]
    exported_at = DateTime(required=False)  # type: ignore[assignment]
    home = ImportedHome()  # type: ignore[assignment]


EXAMPLE = {
    "format": FORMAT,
    "home": {
        "id": "0199a1b2-0000-7000-8000-000000000042", "name": "Apartment 42", "timezone": "Asia/Bangkok",
        "currency": "THB", "locale": "en", "monthly_budget": "13000",
    },
}  # fmt: skip


class ExportViewSet(HomeViewSet):
    tag = "Homes"
    scopes = ("read admin", None)
    serializer_class = HomeFile

    @endpoint("Export a home (owners only)")
    def retrieve(self) -> FileResponse:
        """All that the owner can see; private rooms of others are left out."""
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can export the home.")
        file = SpooledTemporaryFile(MAX_MEMORY_BYTES)  # noqa: SIM115 (the response closes it)
        file.writelines(export_home(self.member))
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename="home.json")


class ImportViewSet(ApiViewSet):
    tag = "Homes"
    scopes = (None, "read write chat admin")  # what is imported acts with all rights, as schedules do
    max_body_bytes = settings.IMPORT_MAX_BYTES
    waits_for_others = True
    serializer_class = HomeSerializer
    slots = BoundedSemaphore(MAX_CONCURRENT_IMPORTS)
    has_slot = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.has_slot = self.slots.acquire(blocking=False)
        if not self.has_slot:
            raise Busy("Other homes are being imported. Try again in a moment.", RETRY_AFTER_SECONDS)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self.has_slot:
                self.slots.release()

    @endpoint("Import a home", request=ImportFile, errors=(), example=EXAMPLE)
    def create(self, data: dict[str, Any]) -> Home:
        file = {**cast(dict[str, Any], self.request.data), "home": data["home"]}
        key = self.request.headers.get("Idempotency-Key")
        return import_home(file, self.user, origin=Origin.API, pk=uuid5(self.user.pk, key) if key else None).home
