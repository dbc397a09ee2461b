"""API to export and import a home."""

from io import BytesIO
from threading import BoundedSemaphore
from typing import IO, Any, cast
from uuid import UUID, uuid5

from django.conf import settings
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.exceptions import ParseError, PermissionDenied
from rest_framework.request import Request

from homes.api.serializers import HomeSerializer
from homes.api.viewsets import HomeViewSet
from homes.export import FORMAT, RETRY_AFTER_SECONDS, export_home, spool
from homes.imports import MAX_ROWS, cancel_import, start_import
from homes.models import Import, ImportState
from pantry.api.endpoints import endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, DateTime, Id, Integer, Line, ShortList, currency, money, zone
from pantry.api.json import JSONParser
from pantry.api.viewsets import ApiViewSet
from pantry.db import consistent_reads
from pantry.errors import Busy

MAX_CONCURRENT_UPLOADS = 2  # in each process: one needs a few times the memory of its file
MAX_VALUES = 4_000_000  # of a file, counted roughly; with 64 MB of messages it has 3 million
ROWS: dict[str, Any] = {"max_length": MAX_ROWS, "required": False}


class ExportedHome(HomeSerializer):
    created_at = None  # type: ignore[assignment]


class HomeFile(serializers.Serializer):  # type: ignore[type-arg]
    """An exported home. It isn't meant to be written by hand."""

    format = serializers.IntegerField()
    exported_at = serializers.DateTimeField(required=False)
    home = ExportedHome()
    members = ShortList(child=serializers.DictField(), **ROWS, help_text="Members when exported.")
    agents = ShortList(child=serializers.DictField(), **ROWS, help_text="Pixie first.")
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
    fills_pantry = Boolean(required=False)
    shares_examples = Boolean(required=False, help_text="Ignored: an owner of the new home decides.")


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
        with consistent_reads():
            file = spool(export_home(self.member), self.user.pk)
        return FileResponse(file, as_attachment=True, filename="home.json")


class ImportSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ImportState.choices)
    name = serializers.CharField(help_text="The name of the home.")
    done_rows = serializers.IntegerField()
    total_rows = serializers.IntegerField(help_text="0 until the file has been checked.")
    error = serializers.CharField(help_text="Why it failed, for people: for an invalid file, with the row.")
    home = serializers.SerializerMethodField(help_text="The id of the new home when the import is done, else null.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_home(self, row: Import) -> UUID | None:
        return row.home_id if row.state == ImportState.DONE else None


class ImportParser(JSONParser):
    """Counts the values of a file before parsing, since small and nested ones take fifty times their size in memory."""

    def parse(self, stream: IO[Any], *args: Any, **kwargs: Any) -> Any:
        body = stream.read()
        if sum(map(body.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise ParseError(f"This file has more than {MAX_VALUES:,} commas and opening brackets.")
        return super().parse(BytesIO(body), *args, **kwargs)


class ImportViewSet(ApiViewSet):
    tag = "Homes"
    scopes = ("read admin", "read write chat admin")  # what is imported acts with all rights, as schedules do
    max_body_bytes = settings.IMPORT_MAX_BYTES
    waits_for_others = True
    parser_classes = [ImportParser]
    serializer_class = ImportSerializer
    lookup_url_kwarg = "import_id"
    queryset = Import.objects.defer("file")
    slots = BoundedSemaphore(MAX_CONCURRENT_UPLOADS)
    has_slot = False

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(user=self.user)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action == "create":
            self.has_slot = self.slots.acquire(blocking=False)
            if not self.has_slot:
                raise Busy("Other homes are being imported. Try again in a moment.", RETRY_AFTER_SECONDS)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        finally:
            if self.has_slot:
                self.slots.release()

    @endpoint("Import a home", request=ImportFile, status=202, errors=(409,), example=EXAMPLE)
    def create(self, data: dict[str, Any]) -> Import:
        """Checks the format and the settings of the home, and leaves the rest to a worker: poll the import until it is
        `done`, `failed` or `cancelled`. Each user can have one unfinished import."""
        file = {**cast(dict[str, Any], self.request.data), "home": data["home"]}
        key = self.request.headers.get("Idempotency-Key")
        return start_import(file, self.user, pk=uuid5(self.user.pk, key) if key else None)

    retrieve = retrieve_endpoint("Get the progress of an import")

    @endpoint("Cancel an import", errors=(404, 409))
    def destroy(self, job: Import) -> None:
        """Deletes what was imported so far. Changes nothing if the import has failed or was cancelled."""
        cancel_import(job)
