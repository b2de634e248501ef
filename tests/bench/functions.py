#!/usr/bin/env python3
"""How large the functions are, how soon they ask for their first event, and what an event of ECR takes.

    cargo lambda build --release --lambda-dir target/lambda -p discover-repositories -p collect-workloads -p collect-inventory \
        -p evaluate-lifecycle -p compute-costs -p audit-immutability -p report-metrics -p on-image-push \
        -p build-plan -p apply-plan
    tests/bench/functions.py target/lambda [RUNS]
    tests/bench/functions.py --events target/lambda/on-image-push/bootstrap [EVENTS]

The start is measured from the start of the process to its first request of the runtime's API, which this script
serves. It can be measured for programs of this machine's own kind alone; sizes for any.

Events are pushes of tags that nobody knew, and each tag moves once: half of them raise a finding. Counted is the
processor's time of the function's process from its first event to its last; what answers it (`clouds.py`) is another
process.
"""

import http.server
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

FUNCTIONS = [
    "discover-repositories",
    "collect-workloads",
    "collect-inventory",
    "evaluate-lifecycle",
    "compute-costs",
    "audit-immutability",
    "report-metrics",
    "on-image-push",
    "build-plan",
    "apply-plan",
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


def pushed(number, letter):
    """A push of a tag, as EventBridge hands it over."""
    detail = {
        "result": "SUCCESS",
        "repository-name": f"team/app-{number % 50}",
        "image-digest": f"sha256:{letter * 64}",
        "action-type": "PUSH",
        "image-tag": f"1.0.{number}",
    }
    return {
        "version": "0",
        "id": f"{letter}-{number}",
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "account": "123456789012",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 3600 + ord(letter))),
        "region": "ap-northeast-2",
        "resources": [],
        "detail": detail,
    }


def cpu_seconds(process_id):
    """The processor's time that a process has taken so far."""
    fields = pathlib.Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Events(http.server.BaseHTTPRequestHandler):
    """The runtime's API, with events."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802 the name is that of the library
        server = self.server
        if not server.waiting:
            server.over.set()
            time.sleep(60)
        body = json.dumps(server.waiting.pop(0)).encode()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", str(len(server.waiting)))
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:ap-northeast-2:123456789012:function:f")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):  # noqa: N802
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/error"):
            self.server.errors.append(body.decode())
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def events(program, number=2_000):
    """What an event takes: processor and memory of the process, and how long they took one after another."""
    waiting = [pushed(one, letter) for letter in "ab" for one in range(int(number) // 2)]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Events)
    server.waiting, server.errors, server.over = waiting, [], threading.Event()
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    cloud = subprocess.Popen([sys.executable, "tests/bench/clouds.py"], stdout=subprocess.PIPE, text=True)
    with tempfile.TemporaryDirectory() as store:
        environment = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_STREAM_NAME": "s",
            "AWS_LAMBDA_LOG_GROUP_NAME": "g",
            "AWS_REGION": "ap-northeast-2",
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_ENDPOINT_URL": cloud.stdout.readline().strip(),
            "DEMURRAGE_STORE": store,
            "DEMURRAGE_LEDGER_TABLE": "demurrage",
            "DEMURRAGE_TOPIC_ARN": "arn:aws:sns:ap-northeast-2:123456789012:demurrage",
        }
        began, events = time.perf_counter(), len(waiting)
        with subprocess.Popen([program], env=environment, stderr=subprocess.DEVNULL) as process:
            over = server.over.wait(600)
            took, used = time.perf_counter() - began, cpu_seconds(process.pid)
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            process.kill()
    cloud.kill()
    if not over or server.errors:
        raise SystemExit(f"{len(server.errors)} events failed, such as: {server.errors[:1]}")
    memory = {name: int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM")}
    print(f"{events} events, half of which raise a finding, one after another: {took * 1000 / events:.2f} ms each")
    print(f"processor: {used * 1000 / events:.2f} ms each")
    print(f"memory: {memory['VmRSS']:.0f} MB at the end, {memory['VmHWM']:.0f} MB at the most")


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
    if sys.argv[1] == "--events":
        events(*sys.argv[2:])
    else:
        main(sys.argv[1], *map(int, sys.argv[2:]))
