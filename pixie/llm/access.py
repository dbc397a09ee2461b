"""Access to language models, by the home's own key or the server's.

Keys are stored encrypted: if SECRET_KEY changes, they have to be entered again.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from django.conf import settings

from homes.models import Home
from pantry.encryption import decrypt, encrypt
from pantry.public_web import NotPublic, is_public, resolve
from pixie.llm import ErrorKind, ModelError, ModelRequest, Turn
from pixie.llm.clients import get_client
from pixie.llm.routing import Tier
from pixie.models import ModelAccess, Provider

if TYPE_CHECKING:
    from pixie.llm.base import SdkClient

ANTHROPIC_MODELS = {Tier.SMALL: "claude-haiku-5-5", Tier.NORMAL: "claude-sonnet-5-5", Tier.LARGE: "claude-opus-5-5"}

PROBE_SECONDS = 15.0
KEY_PURPOSE = "keys of providers"


@dataclass(frozen=True)
class Access:
    """A provider's address, key and models."""

    provider: str
    url: str
    key: str = field(repr=False)
    models: dict[Tier, str] = field(hash=False)
    is_own: bool
    """The home pays for it, not the operator of the server."""

    def model_name(self, tier: Tier) -> str:
        return self.models.get(tier) or next(iter(self.models.values()), "")

    def client(self) -> "SdkClient":
        """Return a client. Raises ModelError if the home's URL leads into a private network."""
        addresses = check_url(self.url) if self.is_own and self.url else ()
        return get_client(self.provider, self.url, self.key, addresses)


def model_access(home: Home) -> Access | None:
    """Return the home's own access, or else the server's; None if neither is set up."""
    own = ModelAccess.objects.filter(home=home).exclude(provider="").first()
    return home_access(own) if own is not None else server_access()


def home_access(row: ModelAccess) -> Access:
    names = {Tier(size): getattr(row, size) for size in ModelAccess.TIERS if getattr(row, size)}
    key = unseal(row.sealed_key) if row.sealed_key else ""
    return Access(row.provider, row.url, key, _fill_tiers(row.provider, names), is_own=True)


def server_access() -> Access | None:
    names = {tier: name for tier in Tier if (name := settings.PIXIE_MODELS[tier.value])}
    if settings.PIXIE_MODEL_URL and names:
        return Access(Provider.COMPATIBLE, settings.PIXIE_MODEL_URL, settings.PIXIE_MODEL_KEY, names, is_own=False)
    if settings.ANTHROPIC_API_KEY:
        models = _fill_tiers(Provider.ANTHROPIC, names)
        return Access(Provider.ANTHROPIC, settings.ANTHROPIC_BASE_URL, settings.ANTHROPIC_API_KEY, models, is_own=False)
    return None


def is_allowed_url(url: str) -> bool:
    """Return whether a home may use this URL: public and HTTPS, or listed in PIXIE_INTRANET_HOSTS.

    Host names are not resolved here, but by `check_url` before each use.
    """
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
        return True  # a host name


def check_url(url: str) -> tuple[str, ...]:
    """Return the IP addresses to connect to, so that the host name isn't resolved again. None for the intranet's hosts.

    Raises ModelError unless every IP address of the host is public.
    """
    if not is_allowed_url(url):
        raise ModelError(ErrorKind.NOT_PUBLIC)
    parts = urlsplit(url)
    if parts.netloc in settings.PIXIE_INTRANET_HOSTS:
        return ()
    try:
        return resolve(parts.hostname or "", parts.port or 443)
    except NotPublic:
        raise ModelError(ErrorKind.NOT_PUBLIC) from None
    except OSError:
        raise ModelError(ErrorKind.DISCONNECTED, "host name not found") from None


def _fill_tiers(provider: str, names: dict[Tier, str]) -> dict[Tier, str]:
    """Fill the sizes without a model by the provider's default, or else by the nearest size that has one."""
    if provider == Provider.ANTHROPIC:
        return {**ANTHROPIC_MODELS, **names}
    by_size = [names.get(tier, "") for tier in Tier]
    filled = [
        name or next((other for other in [*reversed(by_size[:index]), *by_size[index:]] if other), "")
        for index, name in enumerate(by_size)
    ]
    return dict(zip(Tier, filled, strict=True))


def probe(access: Access) -> tuple[list[str], ModelError | None]:
    """Send a short request to each model. Returns the models that answered, and the first error."""
    answered: list[str] = []
    try:
        client = access.client()
        for name in dict.fromkeys(access.models.values()):
            request = ModelRequest(name, "Answer with one word.", "", (Turn("Hello"),), max_tokens=64)
            for _piece in client.stream(request, PROBE_SECONDS):
                pass
            answered.append(name)
    except ModelError as error:
        return answered, error
    return answered, None


def seal(key: str) -> str:
    return encrypt(key, KEY_PURPOSE)


def unseal(sealed: str) -> str:
    """Decrypt a provider's key. Returns "" if it was encrypted under another SECRET_KEY."""
    try:
        return decrypt(sealed, KEY_PURPOSE)
    except InvalidToken:
        return ""
