#!/usr/bin/env python3
"""How large the functions are, and how soon they ask for their first event.

    cargo lambda build --release --lambda-dir target/lambda -p discover-repositories -p collect-inventory \
        -p evaluate-lifecycle -p compute-costs -p report-metrics
    tests/bench/functions.py target/lambda [RUNS]

The start is measured from the start of the process to its first request of the runtime's API, which this script
serves. It can be measured for programs of this machine's own kind alone; sizes for any.
"""

import http.server
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import threading
import time
import zipfile

FUNCTIONS = [
    "discover-repositories",
    "collect-inventory",
    "evaluate-lifecycle",
    "compute-costs",
    "report-metrics",
]


class Api(http.server.BaseHTTPRequestHandler):
    """The runtime's API, up to the first request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802 the name is that of the library
        self.server.asked.append(time.perf_counter())
        self.server.came.set()
        # No event comes: the process waits for one, and is ended.
        time.sleep(5)

    def log_message(self, *_):
        pass


def start_ms(program):
    """Milliseconds until the program asks for an event, and its memory then in MB."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.asked, server.came, server.daemon_threads = [], threading.Event(), True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "f",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_LOG_STREAM_NAME": "s",
        "AWS_LAMBDA_LOG_GROUP_NAME": "g",
        "AWS_REGION": "ap-northeast-2",
    }
    began = time.perf_counter()
    with subprocess.Popen([program], env=environment, stderr=subprocess.DEVNULL) as process:
        if not server.came.wait(20):
            process.kill()
            raise SystemExit(f"{program} asks for no event")
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        process.kill()
    server.shutdown()
    memory_kb = int(re.search(r"VmRSS:\s+(\d+)", status)[1])
    return (server.asked[0] - began) * 1000, memory_kb / 1024


def zipped(program, folder):
    """Bytes of the archive that is deployed."""
    path = pathlib.Path(folder, "size.zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.write(program, "bootstrap")
    size = path.stat().st_size
    path.unlink()
    return size


def glibc(program):
    """The newest version of the C library that the program needs."""
    text = subprocess.run(["objdump", "-T", program], capture_output=True, text=True, check=False).stdout
    versions = set(re.findall(r"GLIBC_(\d+)\.(\d+)", text))
    return "?" if not versions else ".".join(map(str, max((int(a), int(b)) for a, b in versions)))


def main(folder, runs=9):
    print("| function | program | zipped | glibc | start, median of", runs, "| memory then |")
    print("|---|---|---|---|---|---|")
    for name in FUNCTIONS:
        program = pathlib.Path(folder, name, "bootstrap").resolve()
        sizes = f"{program.stat().st_size / 1e6:.1f} MB | {zipped(program, folder) / 1e6:.1f} MB"
        try:
            measured = [start_ms(program) for _ in range(runs)]
            start = f"{statistics.median(ms for ms, _ in measured):.0f} ms"
            memory = f"{statistics.median(mb for _, mb in measured):.0f} MB"
        except OSError:
            start, memory = "of another kind of machine", ""
        print(f"| `{name}` | {sizes} | {glibc(program)} | {start} | {memory} |")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.chdir(pathlib.Path(__file__).parents[2])
    main(sys.argv[1], *map(int, sys.argv[2:]))
