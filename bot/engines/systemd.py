"""What systemd is told of the daemon, over the socket that it names; nothing where there is none."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


def notify(words: str) -> None:
    """READY=1, WATCHDOG=1, STATUS=…, as in sd_notify(3). A manager that does not listen stops nobody."""
    if name := os.environ.get("NOTIFY_SOCKET", ""):
        address = f"\0{name[1:]}" if name.startswith("@") else name
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.settimeout(1)
            manager.sendto(words.encode(), address)


def watchdog_period(environ: Mapping[str, str], own: int, usual: float) -> float:
    """Seconds between two signs of life: half of what systemd waits for one (WatchdogSec=), `usual` where it does not."""
    wanted = environ.get("WATCHDOG_USEC", "")
    ours = environ.get("WATCHDOG_PID", str(own)) == str(own)
    return min(usual, int(wanted) / 2e6) if ours and wanted.isdigit() and int(wanted) else usual
