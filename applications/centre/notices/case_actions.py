"""What staff do with cases chosen in their list: into a notice, or recognised without one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from applications.notices.services.drafts import make_notice
from applications.notices.services.errors import NoticeError, RefusedError

PERMISSION = "notices.manage_notices"
MOST_CASES = 200
TOO_MANY = f"一次最多登记 {MOST_CASES} 件，请分几次选。"


class NoticeActions:
    """What the list of cases offers to those who handle notices and recognition."""

    def has_notice_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    @admin.action(description="加入公示批次", permissions=["notice"])
    def add_to_notice(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Put the chosen cases into the draft; what is refused is named with its reason."""
        try:
            notice, refusals = make_notice(
                applications=queryset, actor=request.user, now=timezone.now()
            )
        except RefusedError as error:
            for refusal in error.refusals:
                self.message_user(request, str(refusal), messages.ERROR)
            return None
        except NoticeError as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        for refusal in refusals:
            self.message_user(request, str(refusal), messages.ERROR)
        message = f"已加入公示批次 {notice}，核对后再张贴。"
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:notices_notice_change", notice.pk)

    @admin.action(description="登记认定", permissions=["notice"])
    def record_recognition(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Ask for the document that recognises the chosen cases."""
        chosen = list(queryset.values_list("pk", flat=True)[: MOST_CASES + 1])
        if len(chosen) > MOST_CASES:
            self.message_user(request, TOO_MANY, messages.ERROR)
            return None
        query = urlencode({"case": chosen}, doseq=True)
        return redirect(f"{reverse('admin:notices_recognition_record')}?{query}")
