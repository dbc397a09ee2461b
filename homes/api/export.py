"""Taking a home along."""

from tempfile import SpooledTemporaryFile
from typing import Any, cast

from django.conf import settings
from django.http import FileResponse
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.homes import HOMES
from homes.api.serializers import HomeSerializer
from homes.api.viewsets import HomeViewSet
from homes.events.models import Origin
from homes.export import FORMAT, export_home, import_home
from pantry.api.fields import DateTime, Id, Integer, Line, NumberField, currency, money, zone
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet

IN_MEMORY_BYTES = 1_000_000  # of an export; a larger one is written to a temporary file


class FiledHome(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    timezone = serializers.CharField()
    currency = serializers.CharField()
    locale = serializers.CharField()
    monthly_budget = NumberField(allow_null=True)


class HomeFile(serializers.Serializer):  # type: ignore[type-arg]
    """Nothing of it is meant to be written by hand."""

    format = serializers.IntegerField()
    exported_at = serializers.DateTimeField(required=False)
    home = FiledHome()
    members = serializers.ListField(child=serializers.DictField(), required=False, help_text="Who lived there.")
    agents = serializers.ListField(child=serializers.DictField(), required=False, help_text="Pixie first.")
    groceries = serializers.DictField(required=False, help_text="Aisles, items, lists, entries and rules.")
    chat = serializers.DictField(required=False, help_text="What its owner could read. It is not read back.")
    memory = serializers.DictField(required=False, help_text="What its agents know, as far as its owner may.")


class HomeToRead(serializers.Serializer):  # type: ignore[type-arg]
    id = Id()
    name = Line(80)
    timezone = zone()
    currency = currency()
    locale = serializers.ChoiceField(choices=settings.LANGUAGES)
    monthly_budget = money(allow_null=True)


class FileToRead(HomeFile):
    """One file, as `export` wrote it."""

    format = Integer(FORMAT, FORMAT)  # type: ignore[assignment]
    exported_at = DateTime(required=False)  # type: ignore[assignment]
    home = HomeToRead()  # type: ignore[assignment]


FILE = {
    "format": FORMAT,
    "home": {
        "id": "0199a1b2-0000-7000-8000-000000000042",
        "name": "Apartment 42",
        "timezone": "Asia/Bangkok",
        "currency": "THB",
        "locale": "en",
        "monthly_budget": "13000",
    },
}


class ExportViewSet(HomeViewSet):
    scopes = ("admin", "admin")

    @describe("The home as one file (owners)", tag=HOMES, gives=HomeFile)
    def retrieve(self, request: Request, **kwargs: Any) -> FileResponse:
        """All that the owner sees: private rooms of others are not in it."""
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can take the home along.")
        file = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 (the response closes it)
        file.writelines(export_home(self.member))
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename="home.json")


class ImportViewSet(ApiViewSet):
    scopes = ("admin", "admin")
    max_body_bytes = settings.IMPORT_MAX_BYTES

    @describe(
        "A new home from a file", tag=HOMES, takes=FileToRead, gives=HomeSerializer, status=201, refuses=(), posts=True,
        example=FILE,
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        said, file = self.validated_body(FileToRead), cast(dict[str, Any], request.data)
        owner = import_home({**file, "home": said["home"]}, self.user, origin=Origin.API)
        return Response(HomeSerializer(owner.home).data, status=status.HTTP_201_CREATED)
