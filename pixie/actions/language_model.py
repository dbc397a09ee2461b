"""Configure the language model of a home."""

from decimal import Decimal

from django.utils.translation import gettext as _

from homes.events.actor import Actor
from homes.events.log import action, record
from pantry.errors import ActionError, Forbidden
from pixie.llm.access import is_allowed_url, seal
from pixie.models import ModelAccess, Provider

MAX_KEY_LENGTH = 300


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
    """Set the home's provider, its model names by size and its monthly budget. Without a provider the home uses the
    server's and its key is deleted. An empty `key` keeps the current one if provider and address are unchanged.

    Raises Forbidden for members, and ActionError for invalid values.
    """
    if not by.is_owner:
        raise Forbidden(_("Only an owner can choose Pixie's language model."))
    access = ModelAccess.objects.filter(home=by.home).first() or ModelAccess(home=by.home)
    url, key = url.strip(), key.strip()
    _check(provider, url, key, models or {})
    names = {size: (models or {}).get(size, "") if provider else "" for size in ModelAccess.TIERS}
    provider_changed = (provider, url) != (access.provider, access.url)
    changes = access.assign(
        provider=provider, url=url if provider else "", monthly_budget_usd=monthly_budget_usd, **names
    )
    if key and provider:
        changes |= access.assign(sealed_key=seal(key), key_end=key[-4:] if len(key) >= 12 else "")
    elif provider_changed:  # never send a key to an address that it was not entered for
        changes |= access.assign(sealed_key="", key_end="")
    if provider == Provider.ANTHROPIC and not access.sealed_key:
        raise ActionError(_("Anthropic needs a key. It begins with “sk-ant-”."))
    if changes:
        access.save()
        changes.pop("sealed_key", None)
        record("model_access_changed", access, by=by, changes=changes)
    return access


def _check(provider: str, url: str, key: str, models: dict[str, str]) -> None:
    if provider not in ("", *Provider.values):
        raise ActionError(_("Choose one of the providers."))
    if not (key.isascii() and key.isprintable() and len(key) <= MAX_KEY_LENGTH) or " " in key:
        raise ActionError(_("This doesn't look like an API key. Check that you copied all of it and nothing else."))
    if provider == Provider.COMPATIBLE and not url:
        raise ActionError(_("Enter the server's address, such as https://models.example/v1."))
    if provider == Provider.COMPATIBLE and not any(models.values()):
        raise ActionError(_("Name at least one model on the server, such as llama3.2."))
    if provider and url and not is_allowed_url(url):
        raise ActionError(
            _("The address must be public and begin with https://. Ask the administrator to allow others.")
        )
