"""`manage.py up` without serving, which tests/e2e covers."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from homes.accounts import demo_accounts
from homes.accounts.models import User
from homes.models import Home
from pantry.management.commands import serve, up
from tests.factories import person

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_up(db, monkeypatch):
    """`run_up("--demo")`: the output, and the arguments of `serve`."""
    monkeypatch.setenv("PANTRY_EMBEDDED", "0")

    def start(*arguments):
        served, out = [], io.StringIO()
        monkeypatch.setattr(up, "serve", lambda *where: served.append((*where, os.environ["PANTRY_EMBEDDED"])))
        call_command("up", *arguments, stdout=out)
        return out.getvalue(), served

    return start


@pytest.fixture
def python(tmp_path):
    """`python("manage.py", …)`: the output of a new process with an empty data folder."""
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": "", "SECRET_KEY": ""}

    def run(*arguments):
        command = [sys.executable, *arguments]
        completed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603
        assert completed.returncode == 0, completed.stderr
        return completed.stdout

    return run


def test_help_lists_the_options(python, tmp_path):
    output = python("manage.py", "up", "--help")
    for word in ("--host", "--port", "--demo", "Migrate, and run web"):
        assert word in output
    assert not (tmp_path / "pantry.sqlite3").exists()
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert len((tmp_path / "secret_key").read_text()) >= 50


def test_start_does_not_import_optional_packages(python):
    heavy = "{'mcp', 'twisted', 'numpy', 'anthropic', 'openai', 'dateparser'}"
    assert python("-c", f"import sys, pantry.asgi; print({heavy} & set(sys.modules))") == "set()\n"


def test_runserver_uses_daphne(python):
    assert "--http_timeout" in python("manage.py", "runserver", "--help")


def test_up_with_a_new_database_creates_the_demo_household(run_up):
    output, served = run_up("--demo", "--port", "8123")
    assert "Pantry Pixie: http://localhost:8123" in output
    assert all(email in output for email in demo_accounts.EMAILS)
    assert demo_accounts.PASSWORD in output
    assert served == [("127.0.0.1", 8123, "1")]


def test_up_without_demo_leaves_the_database_empty(run_up):
    output, _served = run_up()
    assert not User.objects.exists()
    assert "Demo accounts" not in output


def test_up_with_existing_users_creates_no_demo_household(run_up):
    person("Nok")
    output, _served = run_up("--demo")
    assert User.objects.count() == 1
    assert not Home.objects.exists()
    assert "Demo accounts" not in output


def test_up_twice_changes_nothing(run_up):
    run_up("--demo")
    before = list(Home.objects.order_by("pk").values())
    output, _served = run_up("--demo")
    assert list(Home.objects.order_by("pk").values()) == before
    assert "Demo accounts" in output


@pytest.mark.parametrize("arguments", [("--host", "0.0.0.0"), ("--host", "192.168.1.5"), ("--host", "::")])  # noqa: S104
@pytest.mark.parametrize("command", ["up", "serve"])
def test_demo_is_not_served_to_other_computers(demo_household, monkeypatch, command, arguments):
    for module in (up, serve):
        monkeypatch.setattr(module, "serve", lambda *where: pytest.fail(f"served on {where}"))
    with pytest.raises(CommandError, match="remove_demo"):
        call_command(command, *arguments)


def test_demo_is_not_served_behind_https(demo_household, run_up, settings):
    settings.HTTPS = True
    with pytest.raises(CommandError, match="remove_demo"):
        run_up("--demo")


def test_server_without_the_demo_is_served_to_others(demo_household, run_up):
    call_command("remove_demo", stdout=io.StringIO())
    _output, served = run_up("--host", "0.0.0.0")  # noqa: S104
    assert served == [("0.0.0.0", 8000, "1")]  # noqa: S104


def test_changed_passwords_make_the_demo_private(demo_household, run_up):
    for user in User.objects.all():
        user.set_password("a password of its own")
        user.save()
    _output, served = run_up("--host", "0.0.0.0")  # noqa: S104
    assert len(served) == 1
