import pytest

from tests.service.containers import engine as running_engine
from tests.service.machine import machine as running_machine


@pytest.fixture(scope="module")
def engine():
    with running_engine() as found:
        yield found


@pytest.fixture(scope="module")
def machine(engine):
    with running_machine(engine) as found:
        yield found
