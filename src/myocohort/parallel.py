"""The same work over many chunks: in this process, in local processes, or on a Dask cluster.

How much a chunk holds is up to the caller and must not depend on the number of workers; with
one seed per chunk (`spawn_seeds`) the answers are then the same wherever they are made.
"""

from __future__ import annotations

import importlib
import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

import numpy as np

from myocohort.errors import MyocohortError

Chunk = TypeVar("Chunk")
Answer = TypeVar("Answer")
Progress = Callable[[int, int], None]


def map_chunks(
    work: Callable[[Chunk], Answer],
    chunks: Sequence[Chunk],
    *,
    workers: int | str = 1,
    progress: Progress | None = None,
) -> list[Answer]:
    """Return the answer of `work` to each chunk, in the order of the chunks.

    Parameters
    ----------
    work
        A function at the top level of a module, so that other processes can import it.
    chunks
        What it is called with, one after the other.
    workers
        1 for this process alone, a larger number of local processes, or the address of a
        running Dask scheduler ("tcp://host:8786"); the package distributed is imported only
        then.
    progress
        Called with the number of chunks done and their number, after each. If it raises,
        as Ctrl-C does anywhere, chunks not yet begun are given up.

    Raises
    ------
    MyocohortError
        If the number of workers is below 1, a process ends before its work, distributed is
        not installed or no scheduler answers. What `work` raises is passed on.
    """
    report = progress or _silent
    if isinstance(workers, str):
        return _on_cluster(work, chunks, workers, report)
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:
        raise MyocohortError(
            f"workers is a number of local processes, at least 1, or the address of a Dask "
            f"scheduler; found {workers!r}"
        )
    if workers == 1 or len(chunks) < 2:
        answers = []
        for done, chunk in enumerate(chunks, start=1):
            answers.append(work(chunk))
            report(done, len(chunks))
        return answers
    return _in_processes(work, chunks, workers, report)


@contextmanager
def beside(module: str, *arguments: str) -> Iterator[None]:
    """Run a module in another process while the block runs, and wait for it.

    A program of its own, and no copy of this one: a script that calls Myocohort would be run
    again by a copy.

    Parameters
    ----------
    module
        Full name of a module that does its work when it is run.
    *arguments
        Given to it.

    Raises
    ------
    MyocohortError
        With what the process said last, where it fails. Where the block fails, it is ended.
    """
    command = [sys.executable, *(f"-W{option}" for option in sys.warnoptions), "-m", module]
    with subprocess.Popen([*command, *arguments], stderr=subprocess.PIPE, text=True) as process:
        try:
            yield
        except BaseException:
            process.kill()
            raise
        _, said = process.communicate()
    if process.returncode:
        last = said.strip().rpartition("\n")[2]
        raise MyocohortError(f"a process beside this one failed: {last or 'it said nothing'}")


def spawn_seeds(seed: int, count: int) -> list[np.random.SeedSequence]:
    """Return independent seeds, one per chunk; the same for the same seed on every machine.

    Raises
    ------
    MyocohortError
        If the seed is not a whole number of at least 0.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise MyocohortError(f"a seed is a whole number of at least 0; found {seed!r}")
    return np.random.SeedSequence(int(seed)).spawn(count)


def chunk_sizes(total: int, size: int) -> list[int]:
    """Split `total` units into chunks of `size`, the last one smaller if need be."""
    whole, rest = divmod(total, size)
    return [size] * whole + ([rest] if rest else [])


def _silent(done: int, total: int) -> None:
    """Report nothing."""


def _in_processes(
    work: Callable[[Chunk], Answer], chunks: Sequence[Chunk], workers: int, report: Progress
) -> list[Answer]:
    # fresh processes, because a fork of one with threads can lock up
    pool = ProcessPoolExecutor(
        max_workers=min(workers, len(chunks)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_leave_interrupts_to_parent,
    )
    futures = [pool.submit(work, chunk) for chunk in chunks]
    try:
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            report(done, len(chunks))
        return [future.result() for future in futures]
    except BrokenProcessPool as reason:
        raise MyocohortError(
            f"one of {workers} local processes ended before its work was done, as happens "
            f"when memory runs out. Use fewer workers"
        ) from reason
    finally:
        # Not `with pool`: leaving it waits for all chunks, also after an interrupt.
        for future in futures:
            future.cancel()
        pool.shutdown(wait=False, cancel_futures=True)


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _on_cluster(
    work: Callable[[Chunk], Answer], chunks: Sequence[Chunk], address: str, report: Progress
) -> list[Answer]:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError as reason:
        raise MyocohortError(
            f"the Dask cluster {address!r} is reached through the package distributed, which "
            f"is not installed. Install it (pip install distributed), or give a number of workers"
        ) from reason
    try:
        client = distributed.Client(address, set_as_default=False)
    except (OSError, ValueError) as reason:
        raise MyocohortError(
            f"no Dask scheduler answers at {address!r}: {reason}. Check the address "
            f"(tcp://host:8786), or give a number of workers"
        ) from reason
    with client:
        futures = client.map(work, list(chunks), pure=False)
        ended = distributed.as_completed(futures, loop=client.loop)
        try:
            for done, future in enumerate(ended, start=1):
                future.result()
                report(done, len(chunks))
            return [future.result() for future in futures]
        finally:
            client.cancel(futures)
