"""Serializers of accounts and tokens."""

from rest_framework import serializers

from homes.accounts.models import ApiToken
from pantry.api.fields import DateTime, Email, Id, Line, Secret, Text


class UserSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()


class SignedIn(serializers.Serializer):  # type: ignore[type-arg]
    token = serializers.CharField(allow_null=True)
    refresh = serializers.CharField(allow_null=True)
    user = UserSerializer()


class SignUp(serializers.Serializer):  # type: ignore[type-arg]
    email = Email()
    password = Secret(200, min_chars=8, format="password", help_text="Not common, and not similar to the email.")
    name = Line(80)


class SignIn(serializers.Serializer):  # type: ignore[type-arg]
    email = Text(254)
    password = Secret(200)
    code = Text(20, required=False, help_text="The code of two-step verification, if it is on.")


class RefreshSerializer(serializers.Serializer):  # type: ignore[type-arg]
    refresh = Secret(4000)


class SignOut(serializers.Serializer):  # type: ignore[type-arg]
    refresh = Secret(4000, required=False)


class Pair(serializers.Serializer):  # type: ignore[type-arg]
    token = serializers.CharField()
    refresh = serializers.CharField()


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
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ApiToken.SCOPES), min_length=1)
    home_id = Id(required=False, allow_null=True, help_text="Limits the token to this home.")
    expires_at = DateTime(required=False, allow_null=True)


class TokenMade(TokenSerializer):
    key = serializers.CharField(help_text="Shown only once. Send it as `Authorization: Bearer …`.")
