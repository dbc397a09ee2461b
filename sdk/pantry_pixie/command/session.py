"""Who is signed in, and the home in use: a file in the person's config folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from platformdirs import user_config_path
from pydantic import BaseModel

from pantry_pixie.client import Client
from pantry_pixie.command.app import CommandError, choose
from pantry_pixie.errors import NotSignedIn
from pantry_pixie.people import Home
from pantry_pixie.transport import DEFAULT_URL, Credentials, CredentialStore


class Session(BaseModel):
    url: str = DEFAULT_URL
    token: str | None = None
    refresh: str | None = None
    home: str | None = None
    undone: list[int] = []
    """Numbers of events that `undo` undid, or made by undoing others."""


def path() -> Path:
    return user_config_path("pantry-pixie", appauthor=False) / "session.json"


def load() -> Session:
    try:
        return Session.model_validate_json(path().read_bytes())
    except FileNotFoundError:
        return Session()
    except ValueError as error:
        raise CommandError(f"{path()} can't be read. Sign in again: pixie login") from error


def save(session: Session) -> None:
    """Replace the file at once. It has mode 600 from its first byte."""
    folder = path().parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as file:
        file.write(session.model_dump_json())
    os.replace(file.name, path())


def update(**fields: Any) -> None:
    save(load().model_copy(update=fields))


class FileStore(CredentialStore):
    """The tokens in that file. It is read at every request, since another `pixie` may have refreshed them."""

    def read(self) -> Credentials:
        session = load()
        return Credentials(session.token, session.refresh)

    def write(self, credentials: Credentials) -> None:
        update(token=credentials.token, refresh=credentials.refresh)


def server_url() -> str:
    return os.environ.get("PIXIE_URL") or load().url


def home_in_use() -> str | None:
    return os.environ.get("PIXIE_HOME") or load().home


@contextmanager
def signed_in() -> Iterator[Client]:
    """PIXIE_URL and PIXIE_TOKEN take precedence over the file."""
    token = os.environ.get("PIXIE_TOKEN")
    store = CredentialStore(Credentials(token)) if token else FileStore()
    if store.read().token is None:
        raise NotSignedIn("You are not signed in.")
    with Client(server_url(), store=store) as client:
        yield client


@contextmanager
def at_home() -> Iterator[tuple[Client, Home]]:
    """The client, and the home in use: PIXIE_HOME, the one that `use` chose, or the only one."""
    with signed_in() as client:
        yield client, find_home(client, home_in_use())


def find_home(client: Client, text: str | None) -> Home:
    """Return the home of that id, or whose name begins like that; without a text the only one."""
    homes = list(client.iterate(client.homes.list()))
    if not homes:
        raise CommandError("You have no home yet. Create one in the browser, or accept an invitation.")
    exact = [home for home in homes if text in (None, "", str(home.id), home.name)]
    matches = exact or [home for home in homes if home.name.casefold().startswith(str(text).casefold())]
    if not matches:
        raise CommandError(f"There is no home “{text}”. You have {', '.join(home.name for home in homes)}.")
    return choose("Which home", matches, lambda home: home.name, "Choose with: pixie use NAME")
