"""Run a command against a Twinhood of its own: its address becomes the command's last word.

python scripts/with_server.py python scripts/shots.py

The server has a free port and the folder var/shots-server, so `make run` may go on beside it.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

CHECKOUT_DIR = Path(__file__).resolve().parent.parent
START_S = 600.0


def main(command: list[str]) -> int:
    """Start the server, run the command, stop the server; returns the command's exit code."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    var = CHECKOUT_DIR / "var" / "shots-server"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"PORT": str(port), "TWINHOOD_VAR": str(var), "PYTHONPATH": str(CHECKOUT_DIR)}
    server = subprocess.Popen(
        [sys.executable, "-m", "twinhood", "run"], env=environment, start_new_session=True
    )
    try:
        if not is_up(server, port):
            return 1
        return subprocess.run([*command, f"http://localhost:{port}"], check=False).returncode
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()


def is_up(server: "subprocess.Popen[bytes]", port: int) -> bool:
    deadline = time.monotonic() + START_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return True
    return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
