"""API of sign-up, sign-in, token refresh and personal tokens."""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.utils import has_verified_email
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.tokens import RefreshToken

from homes.accounts.actions import create_api_token, revoke_api_token, sign_up
from homes.accounts.api import tokens
from homes.accounts.api.authentication import FAILED_SIGN_INS, NOT_A_MEMBER
from homes.accounts.api.serializers import (
    NewToken,
    Pair,
    RefreshSerializer,
    SignedIn,
    SignIn,
    SignUp,
    TokenMade,
    TokenSerializer,
    UserSerializer,
)
from homes.accounts.backends import memberships_of
from homes.accounts.forms import AuthenticateForm
from homes.accounts.models import ApiToken, User
from pantry.api.idempotency import store_sign_up_response
from pantry.api.pagination import paginate_columns
from pantry.api.schema import describe
from pantry.api.throttles import check_rate, uncount
from pantry.api.viewsets import ApiViewSet

ACCOUNT = "Account"
WRONG_LOGIN = "Wrong email or password."
LOGIN_EXAMPLE = {"email": "nok@example.com", "password": "correct horse battery staple"}


class CodeRequired(AuthenticationFailed):
    default_code = "code_needed"
    default_detail = "This account uses two-step verification. Send the `code`, too."


class EmailUnconfirmed(PermissionDenied):
    default_code = "unconfirmed"
    default_detail = "Confirm your email first, with the link we sent you."


class NoAuthentication(BaseAuthentication):
    """Ignore the token of the request."""

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AuthViewSet(ApiViewSet):
    authentication_classes = [NoAuthentication]
    permission_classes = [AllowAny]
    is_secret = True

    @property
    def group(self) -> str:  # type: ignore[override]
        return {"signup": "sign-up", "login": "sign-in"}.get(self.action, "other")

    def idempotency_user(self, request: Request) -> User | None:
        """Return the user named in the request, not yet authenticated, as the owner of its idempotency key."""
        data = request.data if isinstance(request.data, dict) else {}
        if self.action == "refresh":
            return refresh_token_user(data.get("refresh"))
        email = data.get("email")
        if not isinstance(email, str) or not email.isprintable():
            return None
        return User.objects.filter(email__iexact=email).first()

    @describe(
        "Sign up", tag=ACCOUNT, takes=SignUp, gives=SignedIn, refuses=(403,), is_open=True, posts=True,
        example={**LOGIN_EXAMPLE, "name": "Nok"},
    )  # fmt: skip
    @transaction.atomic
    def signup(self, request: Request) -> Response:
        if not get_adapter().is_open_for_signup(request._request):
            raise PermissionDenied("Sign-up is closed on this server.")
        fields = self.validated_body(SignUp)
        user = sign_up(**fields, locale=getattr(request, "LANGUAGE_CODE", ""))
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
            EmailAddress.objects.get(user=user).send_confirmation(request._request, signup=True)
            response = Response({"token": None, "refresh": None, "user": UserSerializer(user).data})
        else:
            response = Response(_login_payload(user))
        if "Idempotency-Key" in request.headers:
            store_sign_up_response(self, user, request, response)
        return response

    @describe(
        "Sign in", tag=ACCOUNT, takes=SignIn, gives=SignedIn, refuses=(401, 403), is_open=True,
        posts=True, example=LOGIN_EXAMPLE,
    )  # fmt: skip
    def login(self, request: Request) -> Response:
        fields = self.validated_body(SignIn)
        email = fields["email"].strip()
        check_rate(request, FAILED_SIGN_INS, email)  # counted before the check, against simultaneous attempts
        user: Any = ModelBackend().authenticate(request._request, username=email, password=fields["password"])
        if user is None:
            raise AuthenticationFailed(WRONG_LOGIN)
        code = fields.get("code", "")
        needs_code = is_mfa_enabled(user)
        if needs_code and code:
            _check_code(user, code)
        uncount(request, FAILED_SIGN_INS, email)
        if needs_code and not code:
            raise CodeRequired
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and not has_verified_email(user):
            raise EmailUnconfirmed
        return Response(_login_payload(user))

    @describe(
        "Refresh the tokens. A refresh token works once", tag=ACCOUNT, takes=RefreshSerializer,
        gives=Pair, refuses=(401,), is_open=True, posts=True,
        example={"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
    )  # fmt: skip
    @transaction.atomic
    def refresh(self, request: Request) -> Response:
        user, home_id = tokens.use_refresh_token(self.validated_body(RefreshSerializer)["refresh"])
        member = memberships_of(user).filter(home=UUID(home_id)).first() if home_id else None
        return Response(tokens.tokens_for(user, member or memberships_of(user).first()))


class TokenViewSet(ApiViewSet):
    """Personal tokens, for scripts, the command line and MCP."""

    scopes = (None, None)
    is_secret = True

    def get_queryset(self) -> Any:
        return ApiToken.objects.filter(user=self.user, revoked_at=None)

    @describe("List your personal tokens", tag=ACCOUNT, pages=TokenSerializer, refuses=(403,))
    def list(self, request: Request) -> Response:
        return paginate_columns(request, self.get_queryset(), ["-created_at", "-id"], TokenSerializer)

    @describe(
        "Create a personal token", tag=ACCOUNT, takes=NewToken, gives=TokenMade, status=201, refuses=(403,),
        posts=True, example={"name": "Kitchen display", "scopes": ["read"]},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        fields = self.validated_body(NewToken)
        home_id = fields.pop("home_id", None)
        if home_id:
            member = memberships_of(self.user).filter(home=home_id).first()
            if member is None:
                raise PermissionDenied(NOT_A_MEMBER)
            fields["home"] = member.home
        token, key = create_api_token(self.user, **fields)
        return Response({**TokenSerializer(token).data, "key": key}, status=status.HTTP_201_CREATED)

    @describe("Revoke a personal token", tag=ACCOUNT, status=204)
    def destroy(self, request: Request, token_id: UUID) -> Response:
        revoke_api_token(get_object_or_404(self.get_queryset(), pk=token_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _login_payload(user: User) -> dict[str, Any]:
    member = memberships_of(user).first()
    return {**tokens.tokens_for(user, member), "user": UserSerializer(user).data}


def _check_code(user: User, code: str) -> None:
    if not AuthenticateForm(user=user, data={"code": code}).is_valid():
        raise AuthenticationFailed("Wrong code. It changes every 30 seconds, so use the newest one.")


def refresh_token_user(raw: Any) -> User | None:
    """Return the user of a refresh token, used or not; None if it isn't valid."""
    try:
        claims: Any = RefreshToken().token_backend.decode(raw, verify=True)
        return User.objects.filter(pk=claims["sub"]).first()
    except (TokenBackendError, KeyError, TypeError, ValueError, ValidationError):
        return None
