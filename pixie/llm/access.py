"""Which models a home may ask: by a key of its own, or by the server's."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.conf import settings

from homes.models import Home
from homes.notifications.web_push import is_public
from pixie.llm.clients import client
from pixie.llm.keys import unseal
from pixie.llm.routing import Tier
from pixie.llm.wire import Fault, Model, Question, Trouble, Turn
from pixie.models import ModelAccess, Provider

ANTHROPIC_MODELS = {
    Tier.SMALL: "claude-haiku-5-5",
    Tier.NORMAL: "claude-sonnet-5-5",
    Tier.LARGE: "claude-opus-5-5",
}


@dataclass(frozen=True)
class Access:
    provider: str
    url: str
    key: str = field(repr=False)
    models: dict[Tier, str] = field(hash=False)
    is_own: bool
    """The home pays for it, not whoever runs the server."""

    def name(self, tier: Tier) -> str:
        """The model of that size, or the nearest one there is."""
        return self.models.get(tier) or next(iter(self.models.values()), "")

    @contextmanager
    def model(self) -> Iterator[Model]:
        """Lend a client for the models. Raises Fault where the address is none that this server may speak to."""
        if self.is_own and self.url:
            check_address(self.url)
        with client(self.provider, self.url, self.key) as lent:
            yield lent


def access_of(home: Home) -> Access | None:
    """The home's own, else the server's; None where there is neither."""
    own = ModelAccess.objects.filter(home=home).exclude(provider="").first()
    return of_home(own) if own is not None else of_server()


def of_home(own: ModelAccess) -> Access:
    named = {Tier(size): getattr(own, size) for size in ModelAccess.TIERS if getattr(own, size)}
    key = unseal(own.sealed_key) if own.sealed_key else ""
    return Access(own.provider, own.url, key, _models(own.provider, named), is_own=True)


def of_server() -> Access | None:
    named = {tier: name for tier in Tier if (name := settings.PIXIE_MODELS[tier.value])}
    if settings.PIXIE_MODEL_URL and named:
        return Access(Provider.COMPATIBLE, settings.PIXIE_MODEL_URL, settings.PIXIE_MODEL_KEY, named, is_own=False)
    if settings.ANTHROPIC_API_KEY:
        models = _models(Provider.ANTHROPIC, named)
        return Access(Provider.ANTHROPIC, settings.ANTHROPIC_BASE_URL, settings.ANTHROPIC_API_KEY, models, is_own=False)
    return None


def is_address(url: str) -> bool:
    """Whether a home may name it: public and by HTTPS, or one that PIXIE_INTRANET_HOSTS lists. Where its name leads is
    looked up whenever it is spoken to."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not url.isascii() or not url.isprintable() or " " in url or "@" in parts.netloc or parts.fragment or parts.query:
        return False
    if parts.netloc in settings.PIXIE_INTRANET_HOSTS:
        return parts.scheme in ("http", "https")
    if parts.scheme != "https" or "." not in host.strip("."):
        return False
    try:
        return is_public(host)
    except ValueError:
        return True  # a name


def check_address(url: str) -> None:
    """Raises Fault unless all that the name leads to is public."""
    if not is_address(url):
        raise Fault(Trouble.NOT_PUBLIC)
    parts = urlsplit(url)
    if parts.netloc in settings.PIXIE_INTRANET_HOSTS:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        raise Fault(Trouble.CUT, "its name leads nowhere") from None
    addresses = {str(address[0]).partition("%")[0] for _family, _type, _protocol, _name, address in found}
    if not all(is_public(str(ipaddress.ip_address(address))) for address in addresses):
        raise Fault(Trouble.NOT_PUBLIC)


def _models(provider: str, named: dict[Tier, str]) -> dict[Tier, str]:
    """Each size with its model: what is not named is the provider's usual one, or the next that is named."""
    if provider == Provider.ANTHROPIC:
        return {**ANTHROPIC_MODELS, **named}
    names = [named.get(tier, "") for tier in Tier]
    filled = [
        name or next((other for other in [*reversed(names[:at]), *names[at:]] if other), "")
        for at, name in enumerate(names)
    ]
    return dict(zip(Tier, filled, strict=True))


SECONDS = 15.0


def probe(access: Access) -> tuple[list[str], Fault | None]:
    """Say hello to each of the models. Returns those that answered and, where one did not, why."""
    answered: list[str] = []
    try:
        with access.model() as model:
            for name in dict.fromkeys(access.models.values()):
                hello = Question(name, "Answer with one word.", "", (Turn("Hello"),), most_tokens=64)
                for _piece in model.ask(hello, SECONDS):
                    pass
                answered.append(name)
    except Fault as fault:
        return answered, fault
    return answered, None
