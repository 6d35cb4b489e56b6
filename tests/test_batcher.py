"""Batches of bounded size: what goes together, several threads, and when memory runs out."""

import threading

import pytest
import torch

from evaluators.batcher import Batcher, batches, even, pool

CPU = torch.device("cpu")
LENGTHS = [3, 9, 1, 7, 7, 2, 5, 8, 4, 6]
LONGEST_FIRST = sorted(range(len(LENGTHS)), key=lambda i: LENGTHS[i], reverse=True)


def batcher(budget, threads):
    made = Batcher(budget, CPU)
    made.threads = threads
    return made


@pytest.mark.parametrize("budget", [1, 9, 20, 1000])
def test_batches_keep_to_the_budget_and_hold_every_segment_once(budget):
    for found in (
        list(batches(LONGEST_FIRST, LENGTHS, budget)),
        even(LONGEST_FIRST, LENGTHS, budget, 3),
    ):
        assert [i for batch in found for i in batch] == LONGEST_FIRST
        for batch in found:
            assert len(batch) == 1 or max(LENGTHS[i] for i in batch) * len(batch) <= budget


def test_threads_get_as_many_batches_each_of_about_the_same_size():
    lengths = [10] * 50
    found = even(range(50), lengths, 150, 2)
    assert sorted(map(len, found)) == [12, 12, 13, 13] or len(found) % 2 == 0
    assert max(map(len, found)) - min(map(len, found)) <= 4
    assert len(even(range(50), lengths, 10_000, 2)) == 2


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_results_are_in_the_order_of_the_segments(threads):
    run = batcher(12, threads)
    assert run.run(LENGTHS, lambda batch: [i * i for i in batch]) == [i * i for i in range(10)]


def test_two_batches_run_at_once_each_in_one_thread_of_torch():
    before = torch.get_num_threads()
    both = threading.Barrier(2, timeout=60)
    seen = []

    def forward(batch):
        both.wait()
        seen.append((threading.get_ident(), torch.get_num_threads()))
        return batch

    batcher(1, 2).run([1, 1], forward)
    assert len({thread for thread, _ in seen}) == 2 and {count for _, count in seen} == {1}
    assert torch.get_num_threads() == before


def test_a_pool_leaves_the_callers_threads_alone():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pool(2) as workers:
            assert workers.submit(torch.get_num_threads).result() == 1
            assert torch.get_num_threads() == 2
        fresh = []
        thread = threading.Thread(target=lambda: fresh.append(torch.get_num_threads()))
        thread.start()
        thread.join()
        assert fresh == [2] and torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("threads", [1, 2])
def test_memory_that_runs_out_halves_the_batch_one_at_a_time(threads):
    run = batcher(100, threads)
    running, most = [], []

    def forward(batch):
        running.append(batch)
        most.append((run.threads, len(running)))
        try:
            if len(batch) > 2:
                raise MemoryError("no memory")
            return [-i for i in batch]
        finally:
            running.remove(batch)

    assert run.run([10] * 9, forward) == [-i for i in range(9)]
    assert run.halvings and run.budget < 30 and run.threads == 1
    assert all(count == 1 for alone, count in most if alone == 1)


@pytest.mark.parametrize("threads", [1, 2])
def test_another_error_is_raised_as_it_is(threads):
    def forward(batch):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="mat1"):
        batcher(1, threads).run([1] * 4, forward)
