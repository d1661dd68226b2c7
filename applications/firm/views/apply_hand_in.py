"""An application is handed in, or its page says what to look at first."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from applications.cases.services.drafts import AlreadySentError, DraftConflictError
from applications.cases.services.errors import ApplicationError
from applications.cases.services.filling import Filling
from applications.cases.services.submission import CHANGED_MEANWHILE, submit_application
from applications.firm.applicant import Applicant
from applications.firm.forms.application import Page
from applications.firm.views.apply_closed import closed_page
from applications.firm.views.apply_draft import conflict_page
from applications.firm.views.apply_page import (
    already_sent,
    apply_page,
    begin_new_year,
    find_filling,
    forms_of,
    save_page,
)

NEW_EDITION = "还没有提交：打开这一页以后，政策内容更新了。您填的都已保存，请按下面的最新条件和材料核对后再提交。"
NOT_HANDED_IN = "还没有提交："


def hand_in(request: HttpRequest, applicant: Applicant, filling: Filling) -> HttpResponse:
    page, now = Page(request, filling, applicant.uploaded_by), timezone.now()
    page.materials.keep_uploads(user=request.user, now=now)
    try:
        draft = save_page(applicant, filling, page, now)
    except AlreadySentError as error:
        return already_sent(request, applicant, error)
    except DraftConflictError as error:
        return conflict_page(request, applicant, filling, page, error)
    if not page.is_of_this_year:
        return begin_new_year(request, applicant, filling)
    forms = forms_of(applicant, filling, page)
    are_valid = forms.are_valid()
    if page.seen != filling.seen:
        problem = CHANGED_MEANWHILE if page.is_of_this_edition else NEW_EDITION
        return apply_page(request, applicant, filling, forms, problem=problem)
    if not are_valid:
        return apply_page(request, applicant, filling, forms, problem=NOT_HANDED_IN)
    try:
        application = submit_application(
            filling=filling,
            draft=draft,
            submission=forms.submission,
            user=applicant.user,
            by_staff=applicant.by_staff,
            now=now,
        )
    except AlreadySentError as error:
        return already_sent(request, applicant, error)
    except ApplicationError as error:
        fresh = find_filling(request, applicant, filling.programme)
        if fresh.closed:
            return closed_page(request, applicant, fresh)
        forms = forms_of(applicant, fresh, page)
        return apply_page(request, applicant, fresh, forms, problem=str(error))
    messages.success(request, f"申报已提交，编号 {application.number}。")
    return redirect(applicant.case(application))
