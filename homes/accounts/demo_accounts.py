"""The accounts of the demo household, whose password is printed."""

from ipaddress import ip_address
from uuid import NAMESPACE_URL, uuid5

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from homes.accounts.models import User

PASSWORD = "pantry-pixie"  # noqa: S105 (printed at the start)
EMAILS = ["nok@apartment42.example", "ben@apartment42.example", "ploy@apartment42.example", "mai@soi11.example"]
IDS = {email: uuid5(NAMESPACE_URL, f"mailto:{email}") for email in EMAILS}  # by which a changed email is recognized


def demo_accounts() -> QuerySet[User]:
    return User.objects.filter(Q(email__in=EMAILS) | Q(pk__in=IDS.values()))


def may_use_password(user: User, password: str, request: HttpRequest | None) -> bool:
    """Tell whether the user may use the password there: the printed one only on the server's own computer."""
    is_printed = password == PASSWORD and demo_accounts().filter(pk=user.pk).exists()
    return not is_printed or (request is not None and _is_local(request))


def _is_local(request: HttpRequest) -> bool:
    """Tell whether the client is on this computer. With HTTPS, or behind a proxy that names others, it is not."""
    forwarded = request.headers.get("X-Forwarded-For")  # counts here even if the proxy isn't in TRUSTED_PROXIES
    addresses = [get_adapter().get_client_ip(request), *(forwarded.split(",") if forwarded else [])]
    try:
        return not settings.HTTPS and all(ip_address(address.strip()).is_loopback for address in addresses)
    except ValueError:
        return False
