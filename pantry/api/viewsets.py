"""The base class of the API's viewsets."""

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from django.conf import settings
from django.urls import URLPattern, path
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from pantry.api.idempotency import answer_once
from pantry.limits import LengthRequired, TooLarge

if TYPE_CHECKING:
    from homes.accounts.models import User

COLLECTION: dict[str, Any] = {"get": "list", "post": "create"}
ROW: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}


class ApiViewSet(GenericViewSet):  # type: ignore[type-arg]
    """An API view: parses the request, calls one action or query, and serializes the result."""

    tag: str
    """The section of the API's documentation."""
    scopes: tuple[str | None, str | None] = ("read", "write")
    """The scopes that a personal token needs to read and to write, as in "read admin". None: closed to them."""
    group = "other"
    """The rate limit that writes count against, a key of `API_RATES`."""
    is_secret = False
    """The response contains a secret that is shown only once."""
    replay_seconds: float | None = None
    """How long a response is repeated for its Idempotency-Key. None: as long as it is stored."""
    waits_for_others = False
    """The view waits for another process or writes in several transactions, and is idempotent by itself."""
    max_body_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    @classmethod
    def routes(cls, prefix: str, *actions: str) -> list[URLPattern]:
        """Return the URLs of the collection, its rows and the `actions` that are posted to a row."""
        row = f"{prefix}/<uuid:{cls.lookup_url_kwarg}>"
        methods = {prefix: COLLECTION, row: ROW, **{f"{row}/{name}": {"post": name} for name in actions}}
        defined = {
            url: {method: name for method, name in names.items() if hasattr(cls, name)}
            for url, names in methods.items()
        }
        return [path(url, cls.as_view(names)) for url, names in defined.items() if names]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length == "0" and "Transfer-Encoding" in request.headers:
            raise LengthRequired
        if not length.isdecimal() or int(length) > self.max_body_bytes:
            raise TooLarge(self.max_body_bytes)
        super().initial(request, *args, **kwargs)
        post = getattr(self, "post", None)
        if request.method == "POST" and post is not None and "Idempotency-Key" in request.headers:
            self.post = partial(answer_once, self, post)

    def perform_authentication(self, request: Request) -> None:
        """Authenticate, and count failures against the rate limit as well."""
        try:
            super().perform_authentication(request)
        except AuthenticationFailed:
            self.check_throttles(request)
            raise

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> NoReturn:
        self.check_throttles(request)
        super().permission_denied(request, message, code)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """To a token without the scope `read`, return nothing but the `id` of what it changed."""
        data: Any = getattr(response, "data", None)
        is_change = request.method not in SAFE_METHODS and status.is_success(response.status_code) and data is not None
        if is_change and not self.can_read and not getattr(self, self.action).endpoint.without_read:
            response.data = {"id": data["id"]} if "id" in data else {}
        return super().finalize_response(request, response, *args, **kwargs)

    @property
    def can_read(self) -> bool:
        """Tell whether the client may read the home. A personal token may not without the scope `read`."""
        token_scopes = getattr(self.request.auth, "scopes", None)
        return token_scopes is None or "read" in token_scopes

    @property
    def user(self) -> "User":
        user = self.request.user
        assert user.is_authenticated
        return user

    def idempotency_user(self, request: Request) -> "User | None":
        """Return the user whose idempotency keys apply."""
        return request.user if request.user.is_authenticated else None

    def validate(self, serializer_class: type[BaseSerializer[Any]], data: Any) -> dict[str, Any]:
        """Return the validated fields. Raises ValidationError."""
        serializer = serializer_class(data=data)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def represent(self, row: Any) -> Any:
        """Return the row as the view's serializer represents it."""
        return self.serializer_class(row).data  # type: ignore[misc]

    def created(self, row: Any, is_new: bool) -> Response:
        """Return 201 with a new row, 200 with one that existed."""
        return Response(self.represent(row), status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)
