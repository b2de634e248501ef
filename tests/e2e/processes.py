"""Which process is behind a connection, and what it was started with: as the kernel tells it."""

import os
from pathlib import Path

from programs import eventually


def process_behind(port, to_port):
    """The process at the other end of a connection on the loopback address, from its port to this one."""
    # The kernel's list of connections is not read in one piece: one that is there may be missed.
    return eventually(
        lambda: _process_behind(port, to_port), f"the process at port {port} is found", seconds=5
    )


def _process_behind(port, to_port):
    socket_name = _socket_of(port, to_port)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and socket_name in _open_files(folder):
            return int(folder.name)
    return None


def environment_of(process_id):
    """The environment that a process was started with."""
    entries = Path(f"/proc/{process_id}/environ").read_bytes().split(b"\0")
    return dict(entry.decode(errors="replace").split("=", 1) for entry in entries if b"=" in entry)


def parent_of(process_id):
    # The name of the program is in brackets and may hold anything; the state and the parent follow it.
    return int(Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[1])


def _socket_of(port, to_port):
    # A port can be used towards several others at once: only both ends make a connection.
    ends = (f":{port:04X}", f":{to_port:04X}")
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if (fields[1][-5:], fields[2][-5:]) == ends:
            return f"socket:[{fields[9]}]"
    return None


def _open_files(folder):
    try:
        return {os.readlink(link) for link in (folder / "fd").iterdir()}
    except OSError:
        # It has ended meanwhile, or is not ours.
        return set()


def children_of(process_id):
    """The processes that a process has started and that have not ended."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and parent_of(folder.name) == process_id:
                found.append(int(folder.name))
        except OSError:
            # It has ended meanwhile.
            continue
    return found
