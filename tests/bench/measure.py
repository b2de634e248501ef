#!/usr/bin/env python3
"""Runs a command several times and prints the median of its wall time and its peak memory.

usage: measure.py RUNS [--no-bound] COMMAND…     fails when the median is over 1.5 s or the peak over 400 MB
"""
import os
import statistics
import sys
import time

WALL_SECONDS_MAX = 1.5
PEAK_MB_MAX = 400


def run(command):
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        os.execvp(command[0], command)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"`{' '.join(command)}` ended with status {status}")
    return time.monotonic() - started, usage.ru_maxrss * 1024 / 1e6


def main():
    runs, command = int(sys.argv[1]), sys.argv[2:]
    bound = command[0] != "--no-bound"
    command = command if bound else command[1:]
    run(command)
    walls, peaks = zip(*(run(command) for _ in range(runs)))
    wall, peak = statistics.median(walls), max(peaks)
    print(f"{os.path.basename(command[0])}: median {wall:.2f} s of {runs} runs "
          f"({min(walls):.2f}–{max(walls):.2f}), peak {peak:.0f} MB")
    if bound and (WALL_SECONDS_MAX < wall or PEAK_MB_MAX < peak):
        sys.exit(f"over the bound of {WALL_SECONDS_MAX} s or {PEAK_MB_MAX} MB")


main()
