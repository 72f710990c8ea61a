"""Structured logs for every process, with secrets taken out before anything is written."""

from __future__ import annotations

import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

HIDDEN = "[hidden]"
SECRET_NAME = re.compile(
    r"pass(word|wd)?$|secret|token|authori[sz]ation|cookie|api_?key|private_?key|otp", re.IGNORECASE
)
SECRET_TEXT = re.compile(
    r"(?P<keep>\b(?:Bearer|Token|Basic)\s+|://[^/\s:@]*:|\b(?:t|token|password|secret|key)=)(?P<secret>[^\s@&\"']+)",
    re.IGNORECASE,
)


def hide_text(value: str) -> str:
    """The same text without bearer tokens, passwords in URLs, and tokens in query strings."""
    return SECRET_TEXT.sub(lambda match: match["keep"] + HIDDEN, value)


def hide_secrets(_logger: object, _method: str, event: EventDict) -> EventDict:
    for name, value in event.items():
        if name.startswith("_"):
            continue
        event[name] = HIDDEN if SECRET_NAME.search(name) and value else _hidden(value)
    return event


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return hide_text(value)
    if isinstance(value, dict):
        return {k: HIDDEN if SECRET_NAME.search(str(k)) else _hidden(v) for k, v in value.items()}
    return value


def logging_config(*, level: str, form: str) -> dict[str, Any]:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    hide_secrets,
                    renderer,
                ],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # One line per health check and redirect is noise.
            "django_structlog": {"level": level},
            "django.server": {"level": "WARNING"},
            "celery.utils.functional": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }
