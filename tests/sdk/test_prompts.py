"""The prompts of `pixie` at a terminal."""

import os
import pty
import select
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.server import NOK, PASSWORD

PIXIE = str(Path(sys.executable).with_name("pixie"))
TIMEOUT_SECONDS = 60
CTRL_C = "\x03"


class Terminal:
    """A command at its own terminal. `screen` is all that it printed."""

    def __init__(self, words, environment):
        self.keyboard, screen = pty.openpty()
        self.screen = ""
        # With util-linux' setsid the process controls its terminal, so that Ctrl-C reaches it, even if the tests run in
        # the background and ignore SIGINT.
        command = ["setsid", "--ctty", "--wait", "env", "--default-signal=INT", PIXIE, *words]
        self.process = subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen, env=environment)  # noqa: S603
        os.close(screen)

    def until(self, words):
        """Wait for new output that has these words."""
        end, seen = time.monotonic() + TIMEOUT_SECONDS, len(self.screen)
        while words not in self.screen[seen:]:
            assert time.monotonic() < end, f"“{words}” did not come: {self.screen}"
            assert self._read(), f"it ended without “{words}”: {self.screen}"

    def type(self, text):
        os.write(self.keyboard, text.encode())

    def interrupt(self):
        """Its exit code after Ctrl-C, pressed until it is heard: one that comes while the prompt is being drawn waits
        for the next key."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            with suppress(subprocess.TimeoutExpired, OSError):
                self.type(CTRL_C)
                self.process.wait(1)
        return self.end()

    def end(self):
        """Wait for its end, and return its exit code."""
        while self._read():
            pass
        return self.process.wait(TIMEOUT_SECONDS)

    def _read(self):
        ready, _write, _error = select.select([self.keyboard], [], [], TIMEOUT_SECONDS)
        try:
            new = os.read(self.keyboard, 4096).decode(errors="replace") if ready else ""
        except OSError:  # the other side is closed
            new = ""
        self.screen += new
        return bool(new)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.keyboard)


@pytest.fixture
def terminal(tmp_path, server):
    """`terminal("got", "wine")` runs that command at a terminal, with an empty config folder."""
    opened = []
    names = ("PIXIE_TOKEN", "PIXIE_HOME")
    given = {name: value for name, value in os.environ.items() if name not in names}

    def open_one(*words, **environment):
        folder = {"XDG_CONFIG_HOME": str(tmp_path), "PIXIE_URL": server.url, "COLUMNS": "120"}
        opened.append(Terminal(words, {**given, **folder, **environment}))
        return opened[-1]

    yield open_one
    for each in opened:
        each.close()


@pytest.fixture
def at_home(nok, home):
    """The environment of a command with a personal token."""
    return {
        "PIXIE_TOKEN": nok.tokens.create("terminal", ["read", "write", "chat"], PASSWORD).key,
        "PIXIE_HOME": str(home.id),
    }


def arguments():
    """Return the command lines of the running processes."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield entry.read_bytes().decode(errors="replace")
        except OSError:  # the process has ended
            continue


def test_login_prompts_and_never_shows_the_password(terminal):
    screen = terminal("login")
    screen.until("Email")
    screen.type(f"{NOK}\n")
    screen.until("Password: ")
    assert any(PIXIE in line for line in arguments())
    screen.type(f"{PASSWORD}\n")
    screen.until("Hello Nok")
    assert screen.end() == 0
    assert NOK in screen.screen
    assert PASSWORD not in screen.screen
    assert not any(PIXIE in line and PASSWORD in line for line in arguments())


def test_use_prompts_for_one_of_several_homes(terminal, nok, home, at_home):
    boat = nok.homes.create("Boat of choices")
    homes = [each.id for each in nok.iterate(nok.homes.list())]
    screen = terminal("use", PIXIE_TOKEN=at_home["PIXIE_TOKEN"])
    screen.until("Which home")
    screen.type("999\n")  # out of range: it asks again
    screen.until("Which home")
    screen.type(f"{homes.index(boat.id) + 1}\n")
    screen.until("Now using Boat of choices.")
    assert screen.end() == 0


def test_got_prompts_for_one_of_several_matches(terminal, nok, home, weekly, at_home):
    for name in ("red wine", "white wine"):
        nok.entries.add(home, weekly, name)
    screen = terminal("got", "wine", "--list", str(weekly.id), **at_home)
    screen.until("Which one")
    assert "red wine" in screen.screen.lower()
    first = "red" if screen.screen.lower().index("red wine") < screen.screen.lower().index("white wine") else "white"
    screen.type("1\n")
    assert screen.end() == 0
    states = {entry.item.name.split()[0].lower(): entry.state for entry in nok.lists.get(home, weekly).items}
    assert states.pop(first) == "purchased"
    assert set(states.values()) == {"pending"}


def test_chat_continues_line_by_line_and_asks_for_confirmation(terminal, nok, home, weekly, at_home):
    screen = terminal("chat", **at_home)
    screen.until("you: ")
    screen.type("add 500 lemons\n")
    screen.until("Do it?")
    screen.type("y\n")
    screen.until("you: ")
    lemons = [entry for entry in nok.lists.get(home, weekly).items if "lemon" in entry.item.name.lower()]
    assert [entry.quantity for entry in lemons] == [500]
    assert screen.interrupt() == 0
    assert "Traceback" not in screen.screen


def test_declining_changes_nothing(terminal, nok, home, weekly, at_home):
    screen = terminal("chat", "add", "400", "melons", **at_home)
    screen.until("Do it?")
    screen.type("n\n")
    assert screen.end() == 0
    assert nok.lists.get(home, weekly).items == []


def test_ctrl_c_ends_a_prompt_without_a_traceback(terminal, at_home):
    screen = terminal("chat", "add", "400", "melons", **at_home)
    screen.until("Do it?")
    assert screen.interrupt() != 0
    assert "Traceback" not in screen.screen
