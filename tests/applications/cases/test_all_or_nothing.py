"""Whatever is done to a case is done whole or not at all, wherever it is interrupted."""

from copy import deepcopy

import pytest

from tests.applications.notices.test_pairs_of_actions import POSSIBLE, build
from tests.factories import JurisdictionFactory
from tests.interrupted import assert_all_or_nothing

# Each act in the first place where it is possible.
ACTS = {act: where for where, acts in reversed(POSSIBLE.items()) for act in acts}


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS, ids=str)
def test_of_what_is_interrupted_nothing_stays(act, files_root):
    JurisdictionFactory()
    world = build(ACTS[act], (act, act))
    assert_all_or_nothing(lambda: act.prepare(deepcopy(world)))
