"""Permissions of personal tokens."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from homes.accounts.models import ApiToken


class ScopeAllows(BasePermission):
    """Require the scope that the view names in `scopes = (read, write)`; None allows no token.

    A token limited to one home can't administer anything outside of it.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        read, write = getattr(view, "scopes", ("read", "write"))
        scope = read if request.method in SAFE_METHODS else write
        if scope is None:
            self.message = "You can't do this with a personal token. Sign in with your password."
            return False
        if scope not in token.scopes:
            self.message = f"This token lacks the scope “{scope}”."
            return False
        if token.home_id and scope == "admin" and "home_id" not in view.kwargs:
            self.message = "This token is limited to one home."
            return False
        return True
