"""The record of what was done with an application."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.cases.models.application import Application
from applications.cases.workflow import DECISIONS, Action
from policies.catalogue.models import Step
from portal.exact_json import ExactDecoder


class ApplicationEvent(models.Model):
    """Who did what with an application and why; the database refuses to change or delete it."""

    ACTIONS = [(action.value, action.label) for action in Action]

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经办人",
        null=True,
        on_delete=models.PROTECT,
        help_text="职员，或企业的成员。",
    )
    # Whose case it was that the actor decided, where they stood in for somebody on leave.
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="代谁办理",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    action = models.CharField("操作", max_length=20, choices=ACTIONS)
    source = models.CharField("原状态", max_length=10, choices=Application.STATUSES, blank=True)
    target = models.CharField("新状态", max_length=10, choices=Application.STATUSES)
    step = models.CharField("环节", max_length=100, blank=True)
    # Whose step it is, its place in the chain, and whether experts judge there: two people decide.
    step_level = models.CharField(
        "环节级别", max_length=10, choices=Step.Level.choices, blank=True, editable=False
    )
    step_place = models.PositiveSmallIntegerField("环节次序", null=True, editable=False)
    step_is_expert = models.BooleanField("专家评审环节", default=False, editable=False)
    opinion = models.TextField("意见", blank=True)
    # What else belongs to the action: fields to correct, what a correction changed, a day.
    details = models.JSONField("详情", default=dict, blank=True, decoder=ExactDecoder)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        ordering = ["at", "pk"]
        # The figures of a month.
        indexes = [models.Index(name="event_by_time", fields=["at"])]
        constraints = [
            models.CheckConstraint(
                name="event_of_a_decision_names_its_step",
                condition=~Q(action__in=sorted(DECISIONS))
                | ~Q(step_level="") & Q(step_place__isnull=False),
                violation_error_message="通过、退回、不予通过和撤回结论要记明是哪一级的哪个环节。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.get_action_display()}"
