"""Steps that come together share one change; each is answered, whatever becomes of the others."""

import threading
import time

import pytest

from leaderboard.gather import SOON, Gatherer
from results.store import Busy, Unreachable


class Queue:
    """Stands for the request queue: notes each batch; a step is a function of nothing."""

    def __init__(self):
        self.batches = []
        self.trouble = None
        self.gate = threading.Event()
        self.gate.set()

    def apply(self, message, steps):
        self.batches.append((message, len(steps)))
        self.gate.wait(30)
        if self.trouble:
            raise self.trouble
        answers = []
        for step in steps:
            try:
                answers.append(step())
            except ValueError as error:
                answers.append(error)
        return answers


@pytest.fixture
def queue():
    return Queue()


@pytest.fixture
def gather(queue):
    made = []

    def start(longest=1.0, commits=40, window=20.0):
        made.append(Gatherer(queue, longest, commits, window))
        return made[-1]

    yield start
    queue.gate.set()
    for each in made:
        each.stop()


def together(gatherer, steps, patience=20):
    """The answer or error of each step, asked from as many threads at once."""
    answers = [None] * len(steps)

    def ask(place):
        try:
            answers[place] = gatherer.ask(steps[place], patience)
        except Exception as error:
            answers[place] = error

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return answers


def refuse():
    raise ValueError("no")


def test_twenty_at_once_are_one_change_and_each_gets_its_own_answer(queue, gather):
    steps = [(lambda n=n: n) for n in range(19)] + [refuse]
    answers = together(gather(), steps)
    assert answers[:19] == list(range(19))
    assert str(answers[19]) == "no"
    assert queue.batches == [("20 requests", 20)]


def test_a_quiet_hour_s_first_is_kept_almost_at_once(queue, gather):
    before = time.monotonic()
    assert gather(longest=30).ask(lambda: 1, 20) == 1
    assert time.monotonic() - before < SOON + 12
    assert queue.batches == [("1 request", 1)]


def test_when_half_of_the_commits_are_used_a_step_waits_for_company(queue, gather):
    gatherer = gather(longest=3.0, commits=8, window=24.0)
    for _ in range(4):
        gatherer.ask(lambda: 0, 20)
    late = threading.Timer(1.5, lambda: gatherer.ask(lambda: 2, 20))
    late.start()
    before = time.monotonic()
    gatherer.ask(lambda: 1, 20)
    assert 2.5 < time.monotonic() - before < 16
    late.join()
    assert queue.batches == [("1 request", 1)] * 4 + [("2 requests", 2)]


def test_no_more_than_a_hundred_share_a_change(queue, gather):
    assert together(gather(), [lambda: 1] * 120) == [1] * 120
    sizes = [size for _, size in queue.batches]
    assert sum(sizes) == 120
    assert max(sizes) <= 100


@pytest.mark.parametrize("error", [Unreachable("away"), Busy("used up", 60), OSError(28, "full")])
def test_trouble_reaches_everybody_and_the_next_ones_are_kept(queue, gather, error):
    gatherer = gather()
    queue.trouble = error
    assert together(gatherer, [lambda: 1] * 3) == [error] * 3
    queue.trouble = None
    assert gatherer.ask(lambda: 2, 20) == 2


def test_who_gives_up_before_it_is_begun_is_not_kept(queue, gather):
    gatherer = gather()
    queue.gate.clear()
    first = threading.Thread(target=lambda: gatherer.ask(lambda: 1, 20))
    first.start()
    while not queue.batches:
        time.sleep(0.01)
    ran = []
    with pytest.raises(Unreachable, match="could not be kept in time"):
        gatherer.ask(lambda: ran.append(1), 0.2)
    queue.gate.set()
    first.join(30)
    assert gatherer.ask(lambda: 3, 20) == 3
    assert not ran


def test_who_gives_up_while_it_is_being_kept_is_not_told_that_it_failed(queue, gather):
    gatherer = gather()
    queue.gate.clear()
    threading.Timer(1.0, queue.gate.set).start()
    assert gatherer.ask(lambda: 1, 0.6) == 1


def test_what_waits_is_kept_before_the_thread_ends(queue, gather):
    gatherer = gather(longest=30, commits=0)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(gatherer.ask(lambda: 1, 20)))
    asking.start()
    time.sleep(0.3)
    gatherer.stop()
    asking.join(30)
    assert answers == [1]
