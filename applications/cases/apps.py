"""Applications and what happens to them."""

from django.apps import AppConfig

from applications.cases.guards import (
    application,
    attachments,
    calls,
    covers,
    judgement,
    messages,
    review_requests,
    two_people,
)
from portal.guards import keep_guards


class CasesConfig(AppConfig):
    name = "applications.cases"
    label = "cases"
    verbose_name = "申报审核"

    def ready(self) -> None:
        topics = (
            application,
            attachments,
            calls,
            covers,
            judgement,
            messages,
            review_requests,
            two_people,
        )
        keep_guards(self, [guard for topic in topics for guard in topic.GUARDS])
