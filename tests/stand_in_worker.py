"""`python -m evaluators work` with the stand-in job; see `stand_in_entry` for its environment.

STAND_IN_LEDGER is the job's ledger, STAND_IN_DELAY its seconds a language.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

import stand_in_entry
from huggingface_hub.utils import disable_progress_bars

from evaluators import command, worker
from results.settings import settings


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(message)s")
    disable_progress_bars()
    stand_in_entry.prepare()
    job = Path(__file__).with_name("stand_in_job.py")
    about = [f"--ledger={os.environ['STAND_IN_LEDGER']}", f"--delay={os.environ['STAND_IN_DELAY']}"]
    command.JOB = [sys.executable, str(job), *about]
    worker.PAUSE = 0.2
    worker.serve(settings())


if __name__ == "__main__":
    main()
