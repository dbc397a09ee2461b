"""`pixie` at a terminal: what it asks, and how it is answered."""

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
PATIENCE = 60  # seconds until words that should come are missed
CTRL_C = "\x03"


class Terminal:
    """A command at a terminal of its own. `screen` is all that was to be seen there."""

    def __init__(self, words, environment):
        self.keyboard, screen = pty.openpty()
        self.screen = ""
        # With util-linux' setsid the terminal is the process's own, as at a prompt: Ctrl-C reaches it, and is heard,
        # also where the tests run in a background that hears none.
        command = ["setsid", "--ctty", "--wait", "env", "--default-signal=INT", PIXIE, *words]
        self.process = subprocess.Popen(command, stdin=screen, stdout=screen, stderr=screen, env=environment)  # noqa: S603
        os.close(screen)

    def until(self, words):
        """Waits for the words to be on the screen, after what was there before."""
        end, seen = time.monotonic() + PATIENCE, len(self.screen)
        while words not in self.screen[seen:]:
            assert time.monotonic() < end, f"“{words}” did not come: {self.screen}"
            assert self._read(), f"it ended without “{words}”: {self.screen}"

    def type(self, text):
        os.write(self.keyboard, text.encode())

    def interrupt(self):
        """Its exit code after Ctrl-C, pressed until it is heard: one that comes while the prompt is being drawn waits
        for the next key."""
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < end:
            with suppress(subprocess.TimeoutExpired, OSError):
                self.type(CTRL_C)
                self.process.wait(1)
        return self.end()

    def end(self):
        """Its exit code, when it is done."""
        while self._read():
            pass
        return self.process.wait(PATIENCE)

    def _read(self):
        ready, _write, _error = select.select([self.keyboard], [], [], PATIENCE)
        try:
            new = os.read(self.keyboard, 4096).decode(errors="replace") if ready else ""
        except OSError:  # nobody holds the other side any more
            new = ""
        self.screen += new
        return bool(new)

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.keyboard)


@pytest.fixture
def terminal(tmp_path, server):
    """`terminal("got", "wine")`: that command at a terminal, with a config folder of the test's own."""
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
    """What lets a command in without signing in."""
    return {"PIXIE_TOKEN": nok.tokens.create("terminal", ["read", "write", "chat"]).key, "PIXIE_HOME": str(home.id)}


def arguments():
    """What everybody can see of the processes that run."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield entry.read_bytes().decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue


def test_signing_in_asks_for_both_and_shows_the_password_nowhere(terminal):
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


def test_which_home_is_asked_when_there_are_several(terminal, nok, home, at_home):
    boat = nok.homes.create("Boat of choices")
    homes = [each.id for each in nok.iterate(nok.homes.list())]
    screen = terminal("use", PIXIE_TOKEN=at_home["PIXIE_TOKEN"])
    screen.until("Which home")
    screen.type("999\n")  # there are not so many: it asks once more
    screen.until("Which home")
    screen.type(f"{homes.index(boat.id) + 1}\n")
    screen.until("Now using Boat of choices.")
    assert screen.end() == 0


def test_which_thing_is_asked_when_several_fit(terminal, nok, home, weekly, at_home):
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


def test_a_talk_goes_on_line_by_line_and_pixie_asks_in_between(terminal, nok, home, weekly, at_home):
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


def test_saying_no_changes_nothing(terminal, nok, home, weekly, at_home):
    screen = terminal("chat", "add", "400", "melons", **at_home)
    screen.until("Do it?")
    screen.type("n\n")
    assert screen.end() == 0
    assert nok.lists.get(home, weekly).items == []


def test_ctrl_c_leaves_a_question_cleanly(terminal, at_home):
    screen = terminal("chat", "add", "400", "melons", **at_home)
    screen.until("Do it?")
    assert screen.interrupt() != 0
    assert "Traceback" not in screen.screen
