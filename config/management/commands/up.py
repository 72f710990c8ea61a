"""Run the whole application: database, broker, web, worker and scheduler, until Ctrl-C."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.command_line import add_up_options
from config.runtime.application import Application, Options
from config.runtime.faults import StartFailure


class Command(BaseCommand):
    help = "Run the whole application until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_up_options(parser)

    def handle(self, *_arguments: Any, **given: Any) -> None:
        # command_line.run has put --host, --port and --demo into the environment before settings were read.
        try:
            Application(_options(demo=given["demo"]), self._say).run()
        except StartFailure as failure:
            self.stderr.write(str(failure))
            sys.exit(1)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _options(*, demo: bool) -> Options:
    names = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    return Options(
        layout=settings.LAYOUT,
        host=settings.HOST,
        port=settings.PORT,
        database=settings.DATABASES["default"],
        database_url=settings.DATABASE_URL,
        broker_url=""
        if settings.LAYOUT.broker_url == settings.CELERY_BROKER_URL
        else settings.CELERY_BROKER_URL,
        host_header=(names[0].lstrip(".") if names else "localhost"),
        web_workers=settings.WEB_WORKERS,
        web_threads=settings.WEB_THREADS,
        worker_concurrency=settings.WORKER_CONCURRENCY,
        closing_threads=settings.CLOSING_THREADS,
        demo=demo,
    )
