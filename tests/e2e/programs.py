"""Programs that run beside the tests, what they say, and waiting for them."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

#: The checkout, and the folder of the built programs; `DEMURRAGE_PROGRAMS` names another one.
CHECKOUT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("DEMURRAGE_PROGRAMS", CHECKOUT / "target" / "debug"))


def eventually(question, what, seconds=30, every=0.05):
    """The first answer within the time that is neither none nor false (empty lists are), or a failure."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer is not None and answer is not False:
            return answer
        time.sleep(every)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port():
    """A port of the loopback address that nobody uses now; for programs that cannot take any free one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def bare_environment(folder, **more):
    """Nothing of the caller's but where programs are: no credentials, no proxies, no settings."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "LANG": "C.UTF-8", **more}


class Program:
    """A program with a log of its own. What it starts belongs to it, and ends with it."""

    def __init__(self, name, command, environment, folder):
        self.name = name
        self.log_file = folder / f"{name}.log"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, last_lines=None):
        lines = self.log_file.read_text(errors="replace").splitlines()
        return "\n".join(lines if last_lines is None else lines[-last_lines:])

    def wait_for(self, question, what, seconds=30):
        """As `eventually`, but a program that has ended is not waited for."""

        def asked():
            assert self.process.poll() is None, f"{self.name} has ended:\n{self.log(40)}"
            return question()

        return eventually(asked, f"{self.name}: {what}", seconds)

    def stop(self):
        """Ends the program and everything that it started."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
