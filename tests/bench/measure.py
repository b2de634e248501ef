#!/usr/bin/env python3
"""Runs a command several times and prints the median of its wall time and its peak memory.

usage: measure.py RUNS [--no-bound | --peak MB] COMMAND…
fails when the median is over 1.5 s or the peak over 400 MB; with --peak, when the peak is over that
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
    wall_max, peak_max = WALL_SECONDS_MAX, PEAK_MB_MAX
    if command[0] == "--no-bound":
        wall_max, peak_max, command = float("inf"), float("inf"), command[1:]
    elif command[0] == "--peak":
        wall_max, peak_max, command = float("inf"), float(command[1]), command[2:]
    run(command)
    walls, peaks = zip(*(run(command) for _ in range(runs)))
    wall, peak = statistics.median(walls), max(peaks)
    print(f"{os.path.basename(command[0])}: median {wall:.2f} s of {runs} runs "
          f"({min(walls):.2f}–{max(walls):.2f}), peak {peak:.0f} MB")
    if wall_max < wall or peak_max < peak:
        sys.exit(f"over the bound of {wall_max} s or {peak_max} MB")


main()
