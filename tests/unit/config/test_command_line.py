"""What a command's terminal shows."""

import subprocess
import sys

# As Celery's signal does when a command hands a task over, after settings have set up the logs.
COMMAND = """
import logging.config, structlog
from config import command_line
from config.logging import logging_config

def command(arguments):
    logging.config.dictConfig(logging_config(level="INFO", form="console"))
    logger = structlog.getLogger("django_structlog.celery.receivers")
    logger.info("task_enqueued")
    logger.warning("task_lost")
    structlog.getLogger("fillbook").info("own_word")

command_line.execute_from_command_line = command
raise SystemExit(command_line.run(["manage.py", "demo_crash"]))
"""


def test_what_a_command_enqueues_is_not_among_its_words():
    done = subprocess.run(
        [sys.executable, "-c", COMMAND], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "task_enqueued" not in done.stderr
    assert "task_lost" in done.stderr
    assert "own_word" in done.stderr
