"""What serves asks first whether it may: the site in its server, and the commands beside it."""

import logging

from django.core.checks import ERROR, CheckMessage, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections

from portal.checks import SERVICE

logger = logging.getLogger(__name__)


class UnsafeStartError(ImproperlyConfigured):
    """The site does not start; the message says why and what to do, in Chinese."""


def check_start() -> None:
    """Raise UnsafeStartError for an error, and log what else is worth knowing."""
    found = found_in_service()
    connections.close_all()
    errors = [message for message in found if message.level >= ERROR]
    for message in found:
        if message not in errors:
            logger.warning("%s", in_words(message))
    if errors:
        raise UnsafeStartError("没有启动：\n" + "\n".join(map(in_words, errors)))


def found_in_service(*, with_database: bool = True) -> list[CheckMessage]:
    """All that portal.checks, and whoever else enters checks of the service, say of this site."""
    databases = [DEFAULT_DB_ALIAS] if with_database else None
    return run_checks(tags=[SERVICE], include_deployment_checks=True, databases=databases)


def in_words(message: CheckMessage) -> str:
    return f"（{message.id}）{message.msg}{message.hint or ''}"
