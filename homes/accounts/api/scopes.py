"""What a personal token may do."""

from typing import Any

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from homes.accounts.models import ApiToken


class ScopeAllows(BasePermission):
    """Each view names the scopes it asks for: `scopes = (to look, to change)`. A token of one home does
    nothing beside it."""

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        look, change = getattr(view, "scopes", ("read", "write"))
        needed = look if request.method in SAFE_METHODS else change
        if needed is None:
            self.message = "A personal token can't do this. Sign in with your password."
            return False
        if needed not in token.scopes:
            self.message = f"This token lacks the scope “{needed}”."
            return False
        if token.home_id and needed == "admin" and "home_id" not in view.kwargs:
            self.message = "This token is for one home alone."
            return False
        return True
