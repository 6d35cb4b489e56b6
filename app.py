"""The door: builds the site and starts the board. A Space runs this file."""

from __future__ import annotations

import logging
import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

from leaderboard import site
from leaderboard.board import Board
from results.settings import settings


def main() -> None:
    """Serve until the process is ended."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    for noisy in ("httpx", "httpx2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    board = Board(settings())
    demo = site.build(board)
    board.start()
    try:
        demo.launch(**site.launch_arguments(board))
    finally:
        board.stop()


if __name__ == "__main__":
    main()
