"""The models of the room, a file a topic."""

from applications.impact.models.run import Affected, CountyTally, Run
from applications.impact.models.variant import Variant

__all__ = ["Affected", "CountyTally", "Run", "Variant"]
