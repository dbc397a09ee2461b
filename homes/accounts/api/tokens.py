"""API of personal tokens."""

from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from django.utils import timezone
from rest_framework import serializers

from homes.accounts.actions import create_api_token, revoke_api_token
from homes.accounts.api.authentication import require_member, require_password
from homes.accounts.models import ApiToken
from pantry.api.endpoints import endpoint, list_endpoint
from pantry.api.fields import DateTime, Id, Line, Secret, ShortList
from pantry.api.viewsets import ApiViewSet

LONGEST_LIFE = timedelta(days=36_525)


class TokenSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="The first characters of the key.")
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiToken.SCOPES))
    home_id = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class NewToken(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(80)
    scopes = ShortList(child=serializers.ChoiceField(choices=ApiToken.SCOPES), min_length=1, max_length=10)
    home_id = Id(required=False, allow_null=True, help_text="Limits the token to this home.")
    expires_at = DateTime(required=False, allow_null=True)
    password = Secret(200, help_text="Your password, once more.")

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        now = timezone.now()
        if moment is not None and not now < moment < now + LONGEST_LIFE:
            raise serializers.ValidationError("Choose a time within the next hundred years, or none.")
        return moment


class TokenMade(TokenSerializer):
    key = serializers.CharField(help_text="Shown only once. Send it as `Authorization: Bearer …`.")


class TokenViewSet(ApiViewSet):
    """Personal tokens, for scripts, the command line and MCP."""

    tag = "Account"
    scopes = (None, None)
    is_secret = True
    lookup_url_kwarg = "token_id"
    serializer_class = TokenSerializer

    def get_queryset(self) -> Any:
        return ApiToken.objects.filter(user=self.user, revoked_at=None).order_by("-created_at", "-id")

    list = list_endpoint("List your personal tokens", errors=())

    @endpoint(
        "Create a personal token", request=NewToken, response=TokenMade, errors=(),
        example={"name": "Kitchen display", "scopes": ["read"], "password": "correct horse battery staple"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> dict[str, Any]:
        require_password(self.request, self.user, data.pop("password"))
        if home_id := data.pop("home_id", None):
            data["home"] = require_member(self.user, home_id).home
        token, key = create_api_token(self.user, **data)
        get_adapter().send_notification_mail("account/email/token_created", self.user, {"token": token})
        return {**TokenSerializer(token).data, "key": key}

    @endpoint("Revoke a personal token")
    def destroy(self, token: ApiToken) -> None:
        revoke_api_token(token)
