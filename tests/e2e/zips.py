"""Deployment packages: the built programs without debug information, each the `bootstrap` of a zip file.

The template asks for arm64, and these are programs of this machine: the emulator runs whatever it finds.
"""

import subprocess
import zipfile

from programs import PROGRAMS

#: What the state machine of runs calls, in its order.
OF_A_RUN = (
    "discover-repositories",
    "collect-workloads",
    "collect-inventory",
    "evaluate-lifecycle",
    "compute-costs",
    "audit-immutability",
    "build-plan",
    "report-metrics",
)
#: What events of ECR call.
OF_EVENTS = ("on-image-push",)
#: What the state machine that applies plans calls.
OF_PLANS = ("apply-plan",)
FUNCTIONS = OF_A_RUN + OF_EVENTS + OF_PLANS


def package(function, folder):
    """The zip file of a function."""
    program = PROGRAMS / function
    assert program.exists(), f"{program} is missing: cargo build --package {function}"
    stripped = folder / function
    subprocess.run(["strip", "--strip-debug", "-o", stripped, program], check=True)
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = 0o755 << 16
    path = folder / f"{function}.zip"
    # Not compressed: it is unpacked on the same machine right away.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(entry, stripped.read_bytes())
    stripped.unlink()
    return path
