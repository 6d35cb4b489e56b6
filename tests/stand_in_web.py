"""A web process without pages: a board that takes submissions from standard input.

A line is {"id", "request", "patience"}; its answer, a line of standard output, is {"id", "answer",
"why"}, where answer is accepted, refused, or not accepted. See `stand_in_entry`.
"""

from __future__ import annotations

import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import stand_in_entry
from huggingface_hub.utils import disable_progress_bars

from leaderboard import board as boards
from results.request import Request
from results.settings import settings

said = Lock()


def say(**line: object) -> None:
    with said:
        print(json.dumps(line), flush=True)


def take(board: boards.Board, line: str) -> None:
    asked = json.loads(line)
    request = Request.model_validate(asked["request"])
    answer, why = "accepted", ""
    try:
        board.gatherer.ask(board.queue.submission(request, 5, 1000), asked["patience"])
    except ValueError as error:
        answer, why = "refused", str(error)
    except OSError as error:
        answer, why = "not accepted", f"{type(error).__name__}: {error}"
    say(id=asked["id"], answer=answer, why=why)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s web %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    disable_progress_bars()
    stand_in_entry.prepare("leaderboard.board")
    boards.seed = lambda target: None
    board = boards.Board(settings())
    board.start()
    say(id="", answer="ready", why="")
    with ThreadPoolExecutor(20) as threads:
        for line in sys.stdin:
            threads.submit(take, board, line)
    board.stop()


if __name__ == "__main__":
    main()
