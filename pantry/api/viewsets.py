"""How the API admits who asks."""

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from pantry.api.idempotency import answer_once

if TYPE_CHECKING:
    from homes.accounts.models import User


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = "That is more than this takes at once."


class LengthRequired(APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = "Say how long the body is: `Content-Length`."


class ApiViewSet(GenericViewSet):  # type: ignore[type-arg]
    """A door of the API. It parses, calls one action or one query, and answers."""

    scopes: tuple[str | None, str | None] = ("read", "write")
    """What a personal token needs: to look, and to change. None: no token is enough."""
    group = "other"
    """Whose rate it counts against."""
    is_secret = False
    """The answer holds a secret that is shown this once."""
    waits_for_others = False
    """It waits for somebody else's answer, and may be asked twice without harm."""
    max_body_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.refuse_large(request)
        super().initial(request, *args, **kwargs)
        post = getattr(self, "post", None)
        if request.method == "POST" and post is not None and "Idempotency-Key" in request.headers:
            self.post = partial(answer_once, self, post)

    def perform_authentication(self, request: Request) -> None:
        """Whoever tries tokens out is counted, too."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self.check_throttles(request)
            raise

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        self.check_throttles(request)
        super().permission_denied(request, message, code)

    def refuse_large(self, request: Request) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length == "0" and "Transfer-Encoding" in request.headers:
            raise LengthRequired
        if not length.isdecimal() or int(length) > self.max_body_bytes:
            raise TooLarge

    @property
    def user(self) -> "User":
        """Who is signed in."""
        user = self.request.user
        assert user.is_authenticated
        return user

    def idempotency_user(self, request: Request) -> "User | None":
        """Whose operation it is."""
        return request.user if request.user.is_authenticated else None

    def validated_body(self, shape: type[BaseSerializer[Any]], **options: Any) -> dict[str, Any]:
        """What the request says, in the given shape. Raises ValidationError."""
        serializer = shape(data=self.request.data, **options)
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields

    def validated_query(self, shape: type[BaseSerializer[Any]]) -> dict[str, Any]:
        """What the address asks for behind its question mark."""
        serializer = shape(data=self.request.query_params.dict())
        serializer.is_valid(raise_exception=True)
        fields: dict[str, Any] = serializer.validated_data
        return fields

    def represent(self, row: Any) -> Any:
        """A row as this door answers it; for a refusal that tells how it is now."""
        return None
