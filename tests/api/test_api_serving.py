"""Answers are kept while there is room."""

import asyncio
from threading import Event

from leaderboard.api.endpoints import ENDPOINTS
from leaderboard.api.serving import Served
from leaderboard.asked import ScoresAsked


def test_the_answers_that_were_asked_for_last_are_kept(made):
    endpoint = ENDPOINTS["scores"]

    def ask(*languages):
        for each in languages:
            found = asyncio.run(served.answer(endpoint, ScoresAsked(language=each)))
        return len(found.body)

    served = Served(made, room=1 << 20)
    size = ask("aa")
    served = Served(made, room=size * 5 // 2)
    ask("aa", "bb", "aa", "cc", "aa")
    made.asked.clear()
    ask("aa", "cc")
    assert made.asked == []
    ask("bb")
    assert [each.language for each in made.asked] == ["bb"]
    assert served._size <= served._room and len(served._kept) == 2


def test_an_answer_larger_than_the_room_is_given_and_not_kept(made):
    served = Served(made, room=10)
    for _ in range(2):
        asyncio.run(served.answer(ENDPOINTS["scores"], ScoresAsked(language="aa")))
    assert len(made.asked) == 2 and served._size == 0


def test_one_who_leaves_does_not_take_the_answer_from_the_others(made):
    served = Served(made)
    asked = ScoresAsked(language="aa")
    # The answer is still waiting for a thread when one leaves.
    free = Event()
    for _ in range(served._pool._max_workers):
        served._pool.submit(free.wait, 10)

    async def both():
        one, other = (
            asyncio.create_task(served.answer(ENDPOINTS["scores"], asked)) for _ in range(2)
        )
        await asyncio.sleep(0)
        one.cancel()
        await asyncio.sleep(0)
        free.set()
        return await other

    assert asyncio.run(both()).plain().startswith(b'{"api":1')
