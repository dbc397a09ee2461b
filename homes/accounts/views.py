"""The page on which the email is changed."""

from typing import Any

from allauth.account import views

from homes.accounts.forms import pending_emails


class EmailView(views.EmailView):  # type: ignore[misc]
    """allauth's, but an address becomes the current one only by being confirmed."""

    def _action_primary(self, request: Any, *args: Any, **kwargs: Any) -> None:
        pass

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        addresses = self.request.user.emailaddress_set
        is_unconfirmed = addresses.filter(email__iexact=self.request.user.email, verified=False).exists()
        pending = pending_emails(self.request.user).last()
        return {**super().get_context_data(**kwargs), "pending": pending, "is_unconfirmed": is_unconfirmed}
