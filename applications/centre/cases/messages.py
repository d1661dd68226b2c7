"""What staff are told, and how the e-mails and text messages to firms went."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from applications.cases.models import Application, Message
from portal.models import Delivery
from portal.read_only_admin import ReadOnlyAdmin
from portal.scope import in_charge


class ReadFilter(admin.SimpleListFilter):
    title = "是否已读"
    parameter_name = "read"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "未读"), ("yes", "已读")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() in ("no", "yes"):
            return queryset.filter(read_at__isnull=self.value() == "no")
        return queryset


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Each member of staff reads their own; opening one by its button marks it as read."""

    list_display = ["subject", "kind", "created_at", "read_at"]
    list_filter = [ReadFilter, "kind"]
    list_per_page = 50
    fields = ["subject", "kind", "created_at", "read_at", "text"]
    actions = ["mark_read"]
    change_form_template = "admin/cases/message/message.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.is_staff

    def get_queryset(self, request: HttpRequest) -> Any:
        return Message.objects.for_staff(request.user).select_related("application")

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/open/", self.open_message, "open"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def open_message(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Note that it was read and lead to the case."""
        message = self.find(request, object_id)
        self.get_queryset(request).filter(pk=message.pk).mark_read(timezone.now())
        return redirect(message.address)

    @admin.action(description="标为已读")
    def mark_read(self, request: HttpRequest, queryset: Any) -> None:
        count = queryset.mark_read(timezone.now())
        self.message_user(request, f"已将 {count} 条标为已读。", messages.SUCCESS)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What did not arrive, and why; within the cases that the user may see."""

    list_display = ["title", "case", "channel", "state", "attempts", "last_error", "sent_at"]
    list_filter = ["state", "channel"]
    search_fields = ["about__message__application__number", "about__message__enterprise__name"]
    search_help_text = "申报编号或企业"
    list_per_page = 50
    fields = [
        "case", "subject", "channel", "address", "state", "attempts", "due_at", "last_error",
        "sent_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = Application.objects.visible_to(request.user)
        of_case = Q(about__message__application__in=visible)
        # About several cases of one firm.
        of_firm = Q(about__isnull=False, about__message__application=None) & in_charge(
            request.user, "about__message__enterprise__county"
        )
        deliveries = super().get_queryset(request).filter(of_case | of_firm)
        return deliveries.select_related(
            "about__message__application", "about__message__enterprise"
        )

    @admin.display(description="标题", ordering="subject")
    def title(self, delivery: Delivery) -> str:
        """Text messages have none."""
        return delivery.subject or delivery.get_channel_display()

    @admin.display(description="申报")
    def case(self, delivery: Delivery) -> str:
        application = delivery.about.message.application
        if application is None:
            return str(delivery.about.message.enterprise)
        url = reverse("admin:cases_application_change", args=[application.pk])
        return format_html('<a href="{}">{}</a>', url, application.number)
