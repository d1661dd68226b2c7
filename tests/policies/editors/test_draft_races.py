"""Two editors begin a draft of the same day at once, on PostgreSQL: one is told of the other's."""

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse

from policies.catalogue.models import Edition
from policies.editors.editions import DAY_HAS_DRAFT
from tests.factories import ProgrammeFactory, UserFactory
from tests.in_turn import one_after_the_other

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def test_the_second_draft_of_a_day_is_refused_beside_its_field():
    programme, answers = ProgrammeFactory(), []
    data = {"programme": programme.pk, "effective_from": "2031-01-01", "notices": "一段话"}
    for prefix in ("criteria", "awards", "examples", "materials", "steps"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}

    def adding():
        client = Client()
        client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
        return lambda: answers.append(client.post(reverse("admin:catalogue_edition_add"), data))

    first, second = adding(), adding()
    done = one_after_the_other(first, second, IntegrityError, ends_itself=True)
    assert done == ["done", "done"]
    created, refused = answers
    assert created.status_code == 302
    form = refused.context["adminform"].form
    assert form.errors["effective_from"] == [DAY_HAS_DRAFT]
    assert "一段话" in refused.content.decode()
    assert Edition.objects.count() == 1
