"""Who asks, at the API."""

from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with CSRF. Who is not signed in gets 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
