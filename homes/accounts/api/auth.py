"""API of sign-up, sign-in and token refresh."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import transaction
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.tokens import RefreshToken

from homes.accounts.actions import EmailTaken, sign_up
from homes.accounts.api import jwt
from homes.accounts.api.authentication import FAILED_SIGN_INS, BearerAuthentication
from homes.accounts.backends import memberships_of
from homes.accounts.credentials import family_of
from homes.accounts.forms import AuthenticateForm
from homes.accounts.models import User
from pantry.api.endpoints import endpoint
from pantry.api.fields import Email, Line, Secret, Text
from pantry.api.idempotency import store_sign_up_response
from pantry.api.throttles import check_rate, uncount
from pantry.api.viewsets import ApiViewSet

REFRESH_REPLAY_SECONDS = 60.0
LOGIN_EXAMPLE = {"email": "nok@example.com", "password": "correct horse battery staple"}


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


class CodeRequired(AuthenticationFailed):
    default_code = "code_needed"
    default_detail = "This account uses two-step verification. Send the `code`, too."


class EmailUnconfirmed(PermissionDenied):
    default_code = "unconfirmed"
    default_detail = "Confirm your email first, with the link we sent you."


class NoAuthentication(BearerAuthentication):
    """Ignore the token of the request."""

    def authenticate(self, request: Request) -> None:
        return None


class AuthViewSet(ApiViewSet):
    tag = "Account"
    serializer_class = SignedIn
    authentication_classes = [NoAuthentication]
    permission_classes = [AllowAny]
    is_secret = True

    @property
    def group(self) -> str:  # type: ignore[override]
        return {"signup": "sign-up", "login": "sign-in"}.get(self.action, "other")

    @property
    def replay_seconds(self) -> float | None:  # type: ignore[override]
        """A client that lost the answer asks again soon; whoever asks later has a token that was spent before."""
        return REFRESH_REPLAY_SECONDS if self.action == "refresh" else None

    def idempotency_user(self, request: Request) -> User | None:
        """Return the user named in the request, not yet authenticated, as the owner of its idempotency key."""
        data = request.data if isinstance(request.data, dict) else {}
        if self.action == "refresh":
            return refresh_token_user(data.get("refresh"))
        email = data.get("email")
        if not isinstance(email, str) or not email.isprintable():
            return None
        return User.objects.filter(email__iexact=email).first()

    @endpoint("Sign up", request=SignUp, errors=(403,), example={**LOGIN_EXAMPLE, "name": "Nok"})
    @transaction.atomic
    def signup(self, data: dict[str, Any]) -> Response:
        request = self.request
        if not get_adapter().is_open_for_signup(request._request):
            raise PermissionDenied("Sign-up is closed on this server.")
        try:
            user = sign_up(**data, locale=getattr(request, "LANGUAGE_CODE", ""))
        except EmailTaken:
            if settings.ACCOUNT_EMAIL_VERIFICATION != "mandatory":
                raise
            return self.hide_taken_email(**data)
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
            EmailAddress.objects.get(user=user).send_confirmation(request._request, signup=True)
            response = Response(self.represent({"token": None, "refresh": None, "user": user}))
        else:
            response = Response(self.represent(_login_payload(user)))
        if "Idempotency-Key" in request.headers:
            store_sign_up_response(self, user, request, response)
        return response

    def hide_taken_email(self, email: str, password: str, name: str) -> Response:
        """Answer as for a new account, which has to be confirmed, and tell the owner of the address by mail."""
        user = User(email=email.strip().lower(), name=name)
        user.set_password(password)  # takes the time that a new account takes
        get_adapter().send_account_already_exists_mail(user.email)
        return Response(self.represent({"token": None, "refresh": None, "user": user}))

    @endpoint("Sign in", request=SignIn, errors=(401, 403), example=LOGIN_EXAMPLE)
    def login(self, data: dict[str, Any]) -> dict[str, Any]:
        request, email = self.request, data["email"].strip()
        check_rate(request, FAILED_SIGN_INS, email)  # counted before the check, against simultaneous attempts
        user: Any = authenticate(request._request, email=email, password=data["password"])
        if user is None:
            raise AuthenticationFailed("Wrong email or password.")
        code = data.get("code", "")
        needs_code = is_mfa_enabled(user)
        if needs_code and code and not AuthenticateForm(user=user, data={"code": code}).is_valid():
            raise AuthenticationFailed("Wrong code. It changes every 30 seconds, so use the newest one.")
        uncount(request, FAILED_SIGN_INS, email)
        if needs_code and not code:
            raise CodeRequired
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and not has_verified_email(user):
            raise EmailUnconfirmed
        return _login_payload(user)

    @endpoint(
        "Refresh the tokens. A refresh token works once", request=RefreshSerializer, response=Pair, errors=(401,),
        example={"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
    )  # fmt: skip
    @transaction.atomic
    def refresh(self, data: dict[str, Any]) -> dict[str, Any]:
        """A token that was used before ends the whole sign-in, since somebody else may have it."""
        user, token = jwt.use_refresh_token(data["refresh"])
        home_id = token.get("home_id")
        member = memberships_of(user).filter(home=UUID(home_id)).first() if home_id else None
        return jwt.tokens_for(user, member or memberships_of(user).first(), family=family_of(token))

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, jwt.RefreshTokenReused):
            jwt.revoke_family(exc.token)
        return super().handle_exception(exc)


def _login_payload(user: User) -> dict[str, Any]:
    member = memberships_of(user).first()
    return {**jwt.tokens_for(user, member), "user": user}


def refresh_token_user(raw: Any) -> User | None:
    """Return the user of a refresh token, used or not; None if it isn't valid."""
    try:
        claims: Any = RefreshToken().token_backend.decode(raw, verify=True)
        return User.objects.filter(pk=claims["sub"]).first()
    except (TokenBackendError, KeyError, TypeError, ValueError, ValidationError):
        return None
