"""Chunks in this process, in local processes and on a stand-in for a Dask cluster."""

from __future__ import annotations

import os
import sys
import types

import numpy as np
import pytest

from myocohort.errors import MyocohortError, StatisticsError
from myocohort.parallel import beside, chunk_sizes, map_chunks, spawn_seeds


def draw(seed):
    """Return three random numbers."""
    return np.random.default_rng(seed).random(3).tolist()


def refuse(chunk):
    """Refuse one of the chunks."""
    if chunk == 2:
        raise StatisticsError("two is refused")
    return chunk


def leave(chunk):
    """End the process without a word."""
    os._exit(3)


def test_answers_do_not_depend_on_workers():
    """Seeds belong to chunks, so that processes give what one process gives, in order."""
    seeds = spawn_seeds(11, 5)
    alone = map_chunks(draw, seeds)
    assert map_chunks(draw, seeds, workers=2) == alone
    assert len({tuple(numbers) for numbers in alone}) == 5
    assert map_chunks(draw, spawn_seeds(11, 3)) == alone[:3]


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_counts_up(workers):
    """Progress is told after each chunk."""
    told = []
    map_chunks(abs, [1, 2, 3], workers=workers, progress=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_are_passed_on(workers):
    """What the work raises reaches the caller as it is."""
    with pytest.raises(StatisticsError, match="two is refused"):
        map_chunks(refuse, [1, 2, 3], workers=workers)


@pytest.mark.parametrize("workers", [1, 2])
def test_interruption_gives_up_the_rest(workers):
    """An interruption ends the work at once and is not swallowed."""
    told = []

    def interrupt(done, total):
        told.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        map_chunks(abs, range(50), workers=workers, progress=interrupt)
    assert told == [1]


def test_a_process_that_ends_is_reported():
    """A process that dies gives an error with the next step, not a wait for ever."""
    with pytest.raises(MyocohortError, match=r"ended before its work was done.*Use fewer workers"):
        map_chunks(leave, [1, 2], workers=2)


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, None])
def test_impossible_numbers_of_workers(workers):
    """A number of workers that is none is refused."""
    with pytest.raises(MyocohortError, match="at least 1, or the address"):
        map_chunks(abs, [1, 2], workers=workers)


@pytest.mark.parametrize("seed", [-1, 2.0, True, "1"])
def test_impossible_seeds(seed):
    """A seed that is none is refused."""
    with pytest.raises(MyocohortError, match="a seed is a whole number"):
        spawn_seeds(seed, 2)


def test_chunk_sizes():
    """Chunks are of one size but for the last."""
    assert chunk_sizes(1000, 250) == [250] * 4
    assert chunk_sizes(7, 3) == [3, 3, 1]
    assert chunk_sizes(2, 5) == [2]
    assert chunk_sizes(0, 5) == []


def test_no_chunks():
    """Nothing to do gives no answers."""
    assert map_chunks(abs, [], workers=4) == []


def test_dask_is_imported_only_for_an_address(monkeypatch):
    """Without distributed a number of workers works, and an address says what to install."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert map_chunks(abs, [-1]) == [1]
    with pytest.raises(MyocohortError, match="pip install distributed"):
        map_chunks(abs, [-1], workers="tcp://nowhere:8786")


class Done:
    """A future that is done."""

    def __init__(self, value):
        self.value = value

    def result(self):
        """Return the answer."""
        return self.value


class Cluster:
    """The part of distributed.Client that is used, working in this process."""

    loop = None

    def __init__(self, address, set_as_default):
        if not address.startswith("tcp://"):
            raise OSError("cannot connect")
        self.cancelled = False

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        assert self.cancelled

    def map(self, work, chunks, pure):
        """Return a future for each chunk."""
        assert not pure
        return [Done(work(chunk)) for chunk in chunks]

    def cancel(self, futures):
        """Give up what is not done."""
        self.cancelled = True


def test_a_cluster_by_its_address(monkeypatch):
    """An address sends the chunks to the scheduler there; no answer is reported."""
    stand_in = types.SimpleNamespace(
        Client=Cluster, as_completed=lambda futures, loop: reversed(futures)
    )
    monkeypatch.setitem(sys.modules, "distributed", stand_in)
    told = []
    answers = map_chunks(
        abs, [-1, -2], workers="tcp://host:8786", progress=lambda *at: told.append(at)
    )
    assert (answers, told) == ([1, 2], [(1, 2), (2, 2)])
    with pytest.raises(MyocohortError, match="no Dask scheduler answers at 'host'"):
        map_chunks(abs, [-1], workers="host")


def test_a_module_beside_is_done_when_the_block_ends(tmp_path):
    """The other process has written its file, whatever the block did meanwhile."""
    (tmp_path / "a.json").write_text("{}", encoding="utf-8")
    with beside("json.tool", str(tmp_path / "a.json"), str(tmp_path / "b.json")):
        here = "block"
    assert (here, (tmp_path / "b.json").read_text(encoding="utf-8").strip()) == ("block", "{}")


def test_failures_beside_and_in_the_block_are_passed_on(tmp_path):
    """The last line of the other process is repeated; what the block raises ends the other."""
    nowhere = str(tmp_path / "missing")
    failed = pytest.raises(MyocohortError, match="a process beside this one failed")
    with failed, beside("json.tool", nowhere):
        pass
    with pytest.raises(KeyError), beside("http.server", "--bind", "127.0.0.1", "0"):
        raise KeyError
