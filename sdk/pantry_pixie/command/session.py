"""Who is signed in here, and which home is meant: one file in the person's own config folder."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from platformdirs import user_config_path

from pantry_pixie.client import LOCAL, Client
from pantry_pixie.command.app import ActionError, chosen
from pantry_pixie.errors import NotSignedIn
from pantry_pixie.models import Home
from pantry_pixie.wire import Credentials, Keeper, Memory


@dataclass(frozen=True)
class Session:
    url: str = LOCAL
    token: str | None = None
    refresh: str | None = None
    home: str | None = None
    passed: list[int] = field(default_factory=list)
    """Numbers of events that `undo` has dealt with: put back, or made by putting back."""


def place() -> Path:
    return user_config_path("pantry-pixie", appauthor=False) / "session.json"


def load() -> Session:
    try:
        said = json.loads(place().read_text("utf-8"))
        return Session(**{name: said[name] for name in Session.__dataclass_fields__ if name in said})
    except FileNotFoundError:
        return Session()
    except (ValueError, TypeError) as error:
        raise ActionError(f"{place()} can't be read. Sign in again: pixie login") from error


def save(session: Session) -> None:
    """Whole or not at all, and for the person's own eyes: mode 600 from its first byte."""
    where = place()
    where.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile("w", encoding="utf-8", dir=where.parent, delete=False) as file:  # made with mode 600
        json.dump(asdict(session), file)
    os.replace(file.name, where)


def forget() -> None:
    """Who was signed in. Where the server is may stay."""
    save(Session(url=load().url))


class Stored:
    """A keeper of tokens in that file. It is read at every request, for another `pixie` may have renewed them."""

    def read(self) -> Credentials:
        session = load()
        return Credentials(session.token, session.refresh)

    def write(self, credentials: Credentials) -> None:
        save(replace(load(), token=credentials.token, refresh=credentials.refresh))


@contextmanager
def client(url: str | None = None) -> Iterator[Client]:
    """PIXIE_URL and PIXIE_TOKEN go before what is stored."""
    given = os.environ.get("PIXIE_TOKEN")
    keeper: Keeper = Memory(Credentials(given)) if given else Stored()
    with Client(url or os.environ.get("PIXIE_URL") or load().url, keeper=keeper) as opened:
        yield opened


@contextmanager
def signed_in() -> Iterator[Client]:
    with client() as opened:
        if opened.keeper.read().token is None:
            raise NotSignedIn("You are not signed in.")
        yield opened


@contextmanager
def at_home() -> Iterator[tuple[Client, Home]]:
    """The client, and the home that is meant: PIXIE_HOME, the one that `use` chose, or the only one."""
    with signed_in() as opened:
        yield opened, the_home(opened, os.environ.get("PIXIE_HOME") or load().home)


def the_home(opened: Client, said: str | None) -> Home:
    """By id or name; without either the only one."""
    homes = list(opened.every(opened.homes.list()))
    if said:
        exact = [home for home in homes if said in (str(home.id), home.name)]
        found = exact or [home for home in homes if home.name.casefold().startswith(said.casefold())]
    else:
        found = homes
    if len(found) == 1:
        return found[0]
    if not homes:
        raise ActionError("You live in no home yet. Found one in the browser, or accept an invitation.")
    if not found:
        raise ActionError(f"None is “{said}” of {', '.join(home.name for home in homes)}.")
    return chosen("Which home", found, lambda home: home.name, "Choose with: pixie use NAME")
