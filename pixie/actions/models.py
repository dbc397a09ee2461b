"""What changes how a home's agents think."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from homes.events.actor import Actor
from homes.events.log import action, record
from pantry.errors import ActionError, Forbidden
from pixie.llm.access import is_allowed_url
from pixie.llm.keys import seal
from pixie.models import ModelAccess, Provider

MOST_KEY = 300


@action
def choose_model(
    *,
    by: Actor,
    provider: str,
    url: str = "",
    key: str = "",
    models: dict[str, str] | None = None,
    monthly_budget_usd: Decimal | None = None,
) -> ModelAccess:
    """The home's own provider, the names of its `models` by size, and what they may cost in a month. Without a
    provider the home goes back to the server's, and forgets its key. An empty `key` keeps the one that is there, as
    long as provider and address stay.

    Raises Forbidden for members, and ActionError for what no provider could be reached with.
    """
    if not by.is_owner:
        raise Forbidden(_("Only an owner can choose Pixie's language model."))
    access = ModelAccess.objects.filter(home=by.home).first() or ModelAccess(home=by.home)
    url, key = url.strip(), key.strip()
    _check(provider, url, key, models or {})
    names = {size: (models or {}).get(size, "") if provider else "" for size in ModelAccess.TIERS}
    moved = (provider, url) != (access.provider, access.url)
    changes = access.assign(
        provider=provider, url=url if provider else "", monthly_budget_usd=monthly_budget_usd, **names
    )
    if key and provider:
        changes |= access.assign(sealed_key=seal(key), key_end=key[-4:] if len(key) >= 12 else "")
    elif moved:  # a key is not sent to another address than the one that it was given for
        changes |= access.assign(sealed_key="", key_end="")
    if provider == Provider.ANTHROPIC and not access.sealed_key:
        raise ActionError(_("Anthropic asks for a key. It begins with “sk-ant-”."))
    if changes:
        access.save()
        record("model_access_changed", access, by=by, changes=_told(changes))
    return access


def _check(provider: str, url: str, key: str, models: dict[str, str]) -> None:
    if provider not in ("", *Provider.values):
        raise ActionError(_("Choose one of the providers."))
    if not (key.isascii() and key.isprintable() and len(key) <= MOST_KEY) or " " in key:
        raise ActionError(_("This is not a key as providers give them. Was all of it copied, and nothing else?"))
    if provider == Provider.COMPATIBLE and not url:
        raise ActionError(_("The address of the server is missing, like https://models.example/v1."))
    if provider == Provider.COMPATIBLE and not any(models.values()):
        raise ActionError(_("Name at least one model that the server has, like llama3.2."))
    if provider and url and not is_allowed_url(url):
        raise ActionError(
            _("The address must be public and begin with https://. Others have to be allowed by who runs this server.")
        )


def _told(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Without the key, sealed or not."""
    return {name: pair for name, pair in changes.items() if name != "sealed_key"}
