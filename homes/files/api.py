"""API of pictures and files."""

from typing import Any

from django.conf import settings
from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from homes.files import hooks
from homes.files.actions import add_file, remove_file
from homes.files.models import EXTENSIONS, StoredFile
from homes.files.serving import content_response, thumbnail_response
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Id, Line, Upload

KIND = "What it is attached to: `entry` (a list item), `expense` or `trip`."


class FileSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    kind = serializers.CharField(help_text=KIND)
    target_id = serializers.UUIDField(help_text="The id of what it is attached to.")
    name = serializers.CharField()
    media_type = serializers.CharField(help_text="`image/jpeg`, `image/webp` or `application/pdf`.")
    size = serializers.IntegerField(help_text="In bytes.")
    sha256 = serializers.CharField(help_text="Of the contents, as hexadecimal digits.")
    width = serializers.IntegerField(allow_null=True, help_text="Null for a PDF.")
    height = serializers.IntegerField(allow_null=True)
    uploaded_by = serializers.UUIDField(source="uploaded_by_id", allow_null=True)
    created_at = serializers.DateTimeField()


class NewFile(serializers.Serializer):  # type: ignore[type-arg]
    """A form (`multipart/form-data`)."""

    kind = Line(20, help_text=KIND)
    target_id = Id()
    file = Upload()


EXAMPLE = {"kind": "entry", "target_id": "0199a1b2-0000-7000-8000-000000000042", "file": "(the contents of milk.jpg)"}
FILE_QUERY = {"kind": Line(20, required=False, help_text=KIND), "target_id": Id(required=False)}


class FileParser(MultiPartParser):
    """Returns the fields of a form with a file as a dict."""

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        parsed = super().parse(stream, *args, **kwargs)
        return {**parsed.data.dict(), **parsed.files.dict()}


class FileViewSet(HomeViewSet):
    tag = "Files"
    lookup_url_kwarg = "file_id"
    queryset = StoredFile.objects.order_by("-created_at", "-id")
    serializer_class = FileSerializer
    parser_classes = [FileParser]
    max_body_bytes = settings.FILE_BODY_BYTES
    waits_for_others = True  # checking a picture takes seconds, and the same file is attached once

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """Send a file whatever the client asks for: there is no other form of it. Errors are JSON."""
        return super().perform_content_negotiation(request, force or self.action in ("content", "thumbnail"))

    @endpoint("List pictures and files, newest first", paginated=True, query=FILE_QUERY)
    def list(self, query: dict[str, Any]) -> Any:
        return self.get_queryset().filter(**query)

    @endpoint("Attach a picture or a file", request=NewFile, errors=(400, 404), example=EXAMPLE)
    def create(self, data: dict[str, Any]) -> Response:
        """A list item has one picture: a new one replaces it. An expense, and a shopping trip that has ended, has up to
        ten receipts, which may be PDFs. Pictures (JPEG, PNG, WebP, GIF) lose their metadata and are made smaller."""
        attachable = hooks.kinds.get(data["kind"])
        if attachable is None:
            raise Http404
        target, file = self.get_visible(attachable.model, pk=data["target_id"]), data["file"]
        return self.created(add_file(data["kind"], target, file.name or "", file.read(), by=self.actor()), True)

    retrieve = retrieve_endpoint("Retrieve what is known about a file")
    destroy = action_endpoint(remove_file, "Remove a file", errors=(404,))

    @endpoint("Download a file", media_types=tuple(EXTENSIONS))
    def content(self, file: StoredFile) -> HttpResponseBase:
        """Answers to `Range` and `If-None-Match`."""
        return content_response(self.request._request, file)

    @endpoint("Download the thumbnail of a picture", media_types=("image/webp",))
    def thumbnail(self, file: StoredFile) -> HttpResponseBase:
        """A WebP of up to 320 pixels. Answers 404 for a PDF."""
        return thumbnail_response(self.request._request, file)
