"""What is read before the first visitor comes, so that nobody waits for it."""

import logging
import time

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


def warm_up() -> None:
    """Call what WARM_UP names; without a database the site starts all the same."""
    begun = time.monotonic()
    try:
        for name in settings.WARM_UP:
            import_string(name)(timezone.localdate())
    except DatabaseError as error:
        logger.warning("nothing is read in advance: %s", str(error).strip())
    else:
        logger.info("ready after %.1f s", time.monotonic() - begun)
