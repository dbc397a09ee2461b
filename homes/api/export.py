"""Taking a home along."""

from typing import Any

from django.http import StreamingHttpResponse
from rest_framework import serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.access import ApiViewSet, HomeViewSet
from homes.api.homes import HOMES
from homes.api.schema import describe
from homes.api.serializers import HomeShape
from homes.export import export_home, import_home
from homes.models import Door


class HomeFile(serializers.Serializer):  # type: ignore[type-arg]
    """One file, as `export` wrote it."""

    format = serializers.IntegerField()
    exported_at = serializers.DateTimeField(required=False)
    home = serializers.DictField()
    members = serializers.ListField(child=serializers.DictField(), required=False)
    groceries = serializers.DictField(required=False)
    chat = serializers.DictField(required=False)


class ExportViewSet(HomeViewSet):
    scopes = ("admin", "admin")

    @describe("The home as one file (owners)", tag=HOMES, gives=HomeFile)
    def retrieve(self, request: Request, **kwargs: Any) -> StreamingHttpResponse:
        """All that the owner sees: private rooms of others are not in it."""
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can take the home along.")
        name = {"Content-Disposition": 'attachment; filename="home.json"'}
        return StreamingHttpResponse(export_home(self.member), content_type="application/json", headers=name)


class ImportViewSet(ApiViewSet):
    scopes = ("admin", "admin")
    most_bytes = 20_000_000

    @describe("A new home from a file", tag=HOMES, takes=HomeFile, gives=HomeShape, status=201, refuses=(), posts=True)
    def create(self, request: Request) -> Response:
        owner = import_home(request.data, self.person, door=Door.API)
        return Response(HomeShape(owner.home).data, status=status.HTTP_201_CREATED)
