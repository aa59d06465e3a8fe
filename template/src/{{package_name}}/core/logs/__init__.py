"""Logs: one JSON object per line, or readable text in a terminal.

They never contain secrets, request bodies or values.
"""

import datetime as dt
import logging
import logging.config
import re
import sys
import traceback
from functools import partial
from typing import Any

import orjson
import structlog
from structlog.processors import EventRenamer, JSONRenderer
from structlog.typing import EventDict, Processor, WrappedLogger

from ...settings import Settings, misspelled
from .queue_handler import Background, close_all

FILE_BYTES = 10_000_000
FILES_KEPT = 10

_colours = re.compile(r"\x1b\[[0-9;]*m")
_request_line = re.compile(r'\S+ - - \[.+\] ".*" \d+ ').match
_json_handlers: list[Background] = []


def configure(settings: Settings) -> None:
    """Send the logs of this process to standard error and, if it is set, to LOG_FILE."""
    structlog.configure(
        processors=[*_shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    # dictConfig flushes while it holds logging's lock, which the log's thread may be waiting for.
    close_all()
    logging.config.dictConfig(config(settings))
    logging.captureWarnings(True)
    handlers = [] if sys.stderr.isatty() else logging.getLogger().handlers
    _json_handlers[:] = [handler for handler in handlers if isinstance(handler, Background)]
    warn = structlog.get_logger(__name__).warning
    for wrong, right in misspelled():
        warn("unknown setting", variable=wrong, did_you_mean=right)


def log_request(**members: Any) -> None:
    """Write the access log line; JSON bypasses structlog, which takes ten times as long."""
    if not _json_handlers:
        structlog.get_logger("access").info("request", **members)
    elif logging.getLogger("access").isEnabledFor(logging.INFO):
        members |= {"logger": "access", "level": "info", "time": dt.datetime.now(dt.UTC)}
        line = orjson.dumps(members | {"message": "request"}, option=orjson.OPT_UTC_Z).decode()
        for handler in _json_handlers:
            handler.hold(line)


def config(settings: Settings) -> dict[str, Any]:
    """Return the configuration for `logging.config.dictConfig`, which gunicorn also uses."""
    terminal_line = structlog.dev.ConsoleRenderer(timestamp_key="time")
    json_line: list[Processor] = [EventRenamer("message"), JSONRenderer(default=str)]
    failure = partial(where_it_failed, with_message=settings.log_exception_messages)
    kind = "terminal" if sys.stderr.isatty() else "json"
    stderr = {"()": lambda: Background(logging.StreamHandler()), "formatter": kind}
    file = {"()": lambda: Background(_rotating(settings.log_file)), "formatter": "json"}
    handlers = {"stderr": stderr} | ({"file": file} if settings.log_file else {})
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": lambda: _formatter(failure, *json_line)},
            "terminal": {"()": lambda: _formatter(terminal_line)},
        },
        "handlers": handlers,
        "filters": {"development_server": {"()": lambda: _is_not_request}},
        "loggers": {"werkzeug": {"filters": ["development_server"]}},
        "root": {"level": settings.log_level, "handlers": list(handlers)},
    }


def _is_not_request(record: logging.LogRecord) -> bool:
    """Drop the request lines of the development server, and remove the colours of its others.

    The access log has a line for each request already.
    """
    record.msg, record.args = _colours.sub("", record.getMessage()), None
    return not _request_line(record.msg)


def _rotating(path: str) -> logging.Handler:
    # The standard library's rotation loses lines when several workers share the file.
    from concurrent_log_handler import ConcurrentRotatingFileHandler

    return ConcurrentRotatingFileHandler(
        path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", chmod=0o600
    )


def _shared_processors() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]


def _formatter(*last: Processor) -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared_processors(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def where_it_failed(
    _: WrappedLogger, __: str, event: EventDict, *, with_message: bool = False
) -> EventDict:
    """Log an exception's type and place; its message may contain input (OWASP ASVS 16.2.5)."""
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = type(error).__name__
        if with_message:
            event["exception_message"] = str(error)
        event["frames"] = [
            f"{frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    return event
