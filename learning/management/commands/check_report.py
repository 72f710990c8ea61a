"""`manage.py check_report`: makes every number of a report again from what the report carries, and compares."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

_SHOWN = 20
_OTHER_RULES = (
    "{file} was made by rules {rules}, and this is a program of rules {own}: its numbers are made again only by the "
    "rules that made them."
)


class Command(BaseCommand):
    help = "Check the JSON of a report: every sentence and number has to follow from the rows that it holds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="as a report's page gives it")

    def handle(self, *args: Any, **options: Any) -> None:
        from learning.domain.report.building import differences  # noqa: PLC0415 - brings scipy
        from learning.domain.report.material import VERSION  # noqa: PLC0415 - as above

        file: Path = options["file"]
        try:
            told = json.loads(file.read_text())
            numbers = sum(1 for _ in _figures(told["document"]))
            if (rules := told.get("rules", "1")) != VERSION:
                raise CommandError(
                    _OTHER_RULES.format(file=file, rules=str(rules)[:12], own=VERSION)
                )
            found = differences(told)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CommandError(f"{file} is not the JSON of a report.") from error
        if found:
            more = f"\nand {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            raise CommandError("\n".join(found[:_SHOWN]) + more)
        self.stdout.write(f"{numbers} numbers made again, all the same.")


def _figures(document: dict[str, Any]) -> Any:
    for section in document["sections"]:
        for table in section["tables"]:
            for row in table["rows"]:
                yield from (cell for cell in row if cell.get("figure") is not None)
