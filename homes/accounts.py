"""How allauth makes and finds accounts here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user.name = form.cleaned_data["name"]
        user.locale = getattr(request, "LANGUAGE_CODE", "")
        return super().save_user(request, user, form, commit)
