"""Signing up, in and out; who one is; personal tokens."""

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
NOT_TOGETHER = "This e-mail and password do not go together."
NOBODY = {"email": "nok@example.com", "password": "correct horse battery staple"}


class CodeNeeded(AuthenticationFailed):
    default_code = "code_needed"
    default_detail = "This account has a second step: send its `code`, too."


class Unconfirmed(PermissionDenied):
    default_code = "unconfirmed"
    default_detail = "Confirm your e-mail first: follow the link in the letter."


class NobodyYet(BaseAuthentication):
    """Whatever token a request bears, here it is not looked at."""

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AuthViewSet(ApiViewSet):
    authentication_classes = [NobodyYet]
    permission_classes = [AllowAny]
    is_secret = True

    @property
    def group(self) -> str:  # type: ignore[override]
        return {"signup": "sign-up", "login": "sign-in"}.get(self.action, "other")

    def idempotency_user(self, request: Request) -> User | None:
        """Who says to be this person; that it is so is found out before anything is kept or told."""
        said = request.data if isinstance(request.data, dict) else {}
        if self.action == "refresh":
            return owner_of(said.get("refresh"))
        email = said.get("email")
        return (
            User.objects.filter(email__iexact=email).first() if isinstance(email, str) and email.isprintable() else None
        )

    @describe(
        "Sign up", tag=ACCOUNT, takes=SignUp, gives=SignedIn, refuses=(403,), is_open=True, posts=True,
        example={**NOBODY, "name": "Nok"},
    )  # fmt: skip
    @transaction.atomic
    def signup(self, request: Request) -> Response:
        if not get_adapter().is_open_for_signup(request._request):
            raise PermissionDenied("Nobody can sign up here.")
        fields = self.validated_body(SignUp)
        user = sign_up(**fields, locale=getattr(request, "LANGUAGE_CODE", ""))
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
            EmailAddress.objects.get(user=user).send_confirmation(request._request, signup=True)
            answer = Response({"token": None, "refresh": None, "user": UserSerializer(user).data})
        else:
            answer = Response(_signed_in(user))
        if "Idempotency-Key" in request.headers:
            store_sign_up_response(self, user, request, answer)
        return answer

    @describe(
        "Sign in", tag=ACCOUNT, takes=SignIn, gives=SignedIn, refuses=(401, 403), is_open=True,
        posts=True, example=NOBODY,
    )  # fmt: skip
    def login(self, request: Request) -> Response:
        said = self.validated_body(SignIn)
        email = said["email"].strip()
        check_rate(request, "sign-in-failed", email)  # counted before it is known, for many may try at once
        user: Any = ModelBackend().authenticate(request._request, username=email, password=said["password"])
        if user is None:
            raise AuthenticationFailed(NOT_TOGETHER)
        code = said.get("code", "")
        needs_code = is_mfa_enabled(user)
        if needs_code and code:
            _check_code(user, code)
        uncount(request, "sign-in-failed", email)
        if needs_code and not code:
            raise CodeNeeded
        if settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory" and not has_verified_email(user):
            raise Unconfirmed
        return Response(_signed_in(user))

    @describe(
        "New tokens for a refresh token, which is then used up", tag=ACCOUNT, takes=RefreshSerializer,
        gives=Pair, refuses=(401,), is_open=True, posts=True,
        example={"refresh": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"},
    )  # fmt: skip
    @transaction.atomic
    def refresh(self, request: Request) -> Response:
        user, home_id = tokens.spend(self.validated_body(RefreshSerializer)["refresh"])
        member = memberships_of(user).filter(home=UUID(home_id)).first() if home_id else None
        return Response(tokens.tokens_for(user, member or memberships_of(user).first()))


class TokenViewSet(ApiViewSet):
    """Personal tokens: for scripts, the command line and MCP."""

    scopes = (None, None)
    is_secret = True

    def get_queryset(self) -> Any:
        return ApiToken.objects.filter(user=self.user, revoked_at=None)

    @describe("Personal tokens", tag=ACCOUNT, pages=TokenSerializer, refuses=(403,))
    def list(self, request: Request) -> Response:
        return paginate_columns(request, self.get_queryset(), ["-created_at", "-id"], TokenSerializer)

    @describe(
        "Make a personal token", tag=ACCOUNT, takes=NewToken, gives=TokenMade, status=201, refuses=(403,),
        posts=True, example={"name": "Kitchen display", "scopes": ["read"]},
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        fields = self.validated_body(NewToken)
        home_id = fields.pop("home_id", None)
        if home_id:
            member = memberships_of(self.user).filter(home=home_id).first()
            if member is None:
                raise PermissionDenied("You are not a member of this home.")
            fields["home"] = member.home
        token, key = create_api_token(self.user, **fields)
        return Response({**TokenSerializer(token).data, "key": key}, status=status.HTTP_201_CREATED)

    @describe("Take a personal token back", tag=ACCOUNT, status=204)
    def destroy(self, request: Request, token_id: UUID) -> Response:
        revoke_api_token(get_object_or_404(self.get_queryset(), pk=token_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _signed_in(user: User) -> dict[str, Any]:
    member = memberships_of(user).first()
    return {**tokens.tokens_for(user, member), "user": UserSerializer(user).data}


def _check_code(user: User, code: str) -> None:
    if not AuthenticateForm(user=user, data={"code": code}).is_valid():
        raise AuthenticationFailed("This code is not the one. It changes every 30 seconds: take the newest.")


def owner_of(raw: Any) -> User | None:
    """Whose refresh token it is or was."""
    try:
        said: Any = RefreshToken().token_backend.decode(raw, verify=True)
        return User.objects.filter(pk=said["sub"]).first()
    except (TokenBackendError, KeyError, TypeError, ValueError, ValidationError):  # whatever is wrong, it is nobody's
        return None
