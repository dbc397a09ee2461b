"""What real processes write into the data folder under the usual umask."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60


@pytest.fixture
def environment(tmp_path):
    needed = {"DATA_DIR": str(tmp_path / "data"), "STATIC_ROOT": str(tmp_path / "data" / "static")}
    needed |= {"DJANGO_SETTINGS_MODULE": "pantry.settings", "PYTHONPATH": f"{ROOT}:{ROOT / 'sdk'}"}
    return {**os.environ, **needed, "DATABASE_URL": "", "REDIS_URL": "", "SECRET_KEY": "", "PANTRY_EMBEDDED": "0"}


@pytest.fixture
def start(environment):
    """`start("-m", "celery", …)`: a Python process with umask 022, which is terminated at the end of the test."""
    processes = []

    def run(*arguments, **more):
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments], cwd=ROOT, env=environment | more, umask=0o022, start_new_session=True
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(START_SECONDS)


@pytest.fixture
def manage(start):
    """`manage("migrate")`: run a command to its end."""

    def run(*arguments, **more):
        assert start("manage.py", *arguments, **more).wait(START_SECONDS) == 0

    return run


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def readable_by_others(folder):
    """Return the paths in the folder, and the folder, that the group or others may use."""
    return {str(path) for path in [folder, *folder.rglob("*")] if mode(path) & 0o077}


def wait_until(condition):
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False


def test_up_writes_nothing_that_others_can_read(start, tmp_path):
    port, data = free_port(), tmp_path / "data"
    start("manage.py", "up", "--demo", "--port", str(port))
    wait_until(lambda: answers(port) and list(data.glob("celerybeat-schedule*")))
    written = {path.name for path in data.iterdir()}
    assert written >= {
        "pantry.sqlite3",
        "pantry.sqlite3-wal",
        "pantry.sqlite3-shm",
        "secret_key",
        "vapid_key",
        "static",
    }
    assert len(list((data / "static").rglob("*.gz"))) > 10
    assert readable_by_others(data) == set()


@pytest.mark.slow
def test_serve_writes_nothing_that_others_can_read(start, manage, tmp_path):
    manage("migrate", "--verbosity", "0")
    port = free_port()
    start("manage.py", "serve", "--port", str(port))
    wait_until(lambda: answers(port))
    assert readable_by_others(tmp_path / "data") == set()


def test_workers_of_serve_share_metrics_in_a_private_folder(start, tmp_path):
    code = (
        "import django, os; django.setup(); from pantry import serving; serving._share_metrics();"
        "open(os.environ['PROMETHEUS_MULTIPROC_DIR'] + '/counter.db', 'w').close()"
    )
    assert start("-c", code).wait(START_SECONDS) == 0
    assert (tmp_path / "data" / "metrics" / "counter.db").exists()
    assert readable_by_others(tmp_path / "data") == set()


def test_files_of_homes_are_private(start, tmp_path):
    code = (
        "import django; django.setup(); from django.core.files.base import ContentFile;"
        "from django.core.files.storage import storages; storages['files'].save('home/milk.jpg', ContentFile(b'x'))"
    )
    assert start("-c", code).wait(START_SECONDS) == 0
    assert (tmp_path / "data" / "files" / "home" / "milk.jpg").exists()
    assert readable_by_others(tmp_path / "data") == set()


@pytest.mark.slow
@pytest.mark.parametrize("command", [["worker", "--beat", "--pool", "solo"], ["beat"]])
def test_celery_writes_nothing_that_others_can_read(start, manage, tmp_path, command):
    manage("migrate", "--verbosity", "0")
    start("-m", "celery", "-A", "pantry", *command)
    wait_until(lambda: list((tmp_path / "data").glob("celerybeat-schedule*")))
    assert readable_by_others(tmp_path / "data") == set()


def test_any_command_tightens_what_is_there(manage, tmp_path):
    data = tmp_path / "data"
    (data / "metrics").mkdir(parents=True)
    for name in ("pantry.sqlite3", "secret_key", "vapid_key", "celerybeat-schedule.db"):
        (data / name).write_text("" if "sqlite" in name else "k" * 50)
        (data / name).chmod(0o644)
    data.chmod(0o755)
    manage("check", SECRET_KEY="given", VAPID_PRIVATE_KEY="given")
    assert readable_by_others(data) == set()


@pytest.mark.slow
def test_a_folder_with_other_things_is_left_as_it_is(manage, tmp_path):
    data = tmp_path / "data"
    (data / "website").mkdir(parents=True)
    (data / "website" / "index.html").write_text("hello")
    (data / "notes.txt").write_text("hello")
    public = {data, data / "website", data / "website" / "index.html", data / "notes.txt"}
    for path in public:
        path.chmod(0o755)
    manage("migrate", "--verbosity", "0")
    manage("check")
    assert readable_by_others(data) == set(map(str, public))
    assert mode(data / "pantry.sqlite3") == 0o600


@pytest.mark.slow
def test_a_database_elsewhere_is_private_and_its_folder_left_alone(manage, tmp_path):
    database = tmp_path / "shared" / "home.sqlite3"
    database.parent.mkdir()
    database.touch()
    for path in (database, database.parent):
        path.chmod(0o755)
    manage("migrate", "--verbosity", "0", DATABASE_URL=f"sqlite:///{database}")
    assert (mode(database), mode(database.parent)) == (0o700, 0o755)


def test_static_files_elsewhere_are_readable_by_a_proxy(manage, tmp_path):
    static = tmp_path / "web" / "static"
    manage("collectstatic", "--no-input", "--verbosity", "0", STATIC_ROOT=str(static))
    assert len(list(static.rglob("*.gz"))) > 10
    for path in [static.parent, static, *static.rglob("*")]:
        assert mode(path) == (0o755 if path.is_dir() else 0o644), path
    assert readable_by_others(tmp_path / "data") == set()
