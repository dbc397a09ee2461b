"""`python tests/crashing_server.py`: a server that kills itself while its data folder contains a file `die`.

It does so after the next commit, before the event is announced to any client.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import django
from django.core.management import execute_from_command_line

DIE = Path(os.environ["DATA_DIR"]) / "die"


def main() -> None:
    django.setup()
    from homes.events import log

    announce = log.announce

    def die_or_announce(*event: Any) -> None:
        if DIE.exists():
            os.kill(os.getpid(), signal.SIGKILL)
        announce(*event)

    log.announce = die_or_announce  # type: ignore[assignment]
    execute_from_command_line(["manage.py", "up"])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main()
