"""A case made into an example of a draft, on the page of the case: its answers without its names."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from policies.catalogue.current import Catalogue
from policies.catalogue.making_examples import ExampleError, example_of_firm
from policies.catalogue.models import Edition
from policies.editors.jurisdiction import reach_of
from policies.rules.answers import AnswersError, parse_answers

EDITS = "catalogue.change_edition"
NOT_YOURS = "“{programme}”不在您编辑的地区，不能给它加例子。"
NO_DRAFT = "“{programme}”现在没有草稿：先在版本的页面“复制为新草稿”或“更正”，再来做例子。"
MADE = (
    "已做成例子，放进 {edition} 的草稿：只有填报，没有企业名称、电话、附件和意见。"
    "预期是按草稿现在的规则算出来的，请对照文件逐行看过。"
)


class ExamplePages:
    """The part of the case's admin that lends its answers to whoever edits the rules."""

    def get_urls(self) -> list[Any]:
        own = self.own_page("<path:object_id>/example/", self.make_example, "example")
        return [own, *super().get_urls()]

    @method_decorator(require_POST)
    def make_example(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Copy the answers to the newest draft of the case's programme."""
        application = self.find(request, object_id)
        if not request.user.has_perm(EDITS):
            raise PermissionDenied
        programme = application.edition.programme
        page = redirect("admin:cases_application_change", application.pk)
        if programme.area_id not in reach_of(request.user).areas:
            messages.error(request, NOT_YOURS.format(programme=programme))
            return page
        drafts = Edition.objects.filter(programme=programme, status=Edition.Status.DRAFT)
        draft = drafts.order_by("-pk").first()
        if draft is None:
            messages.error(request, NO_DRAFT.format(programme=programme))
            return page
        facts = Catalogue().facts
        try:
            answers = parse_answers(
                {key: value for key, value in application.answers.items() if key in facts},
                facts,
                application.on,
            )
            # Neither its number nor its county: nobody is to find the firm again.
            title = f"一件真实的申报（{application.year} 年度）"
            example = example_of_firm(draft, answers, application.on, title)
        except (ExampleError, AnswersError) as error:
            messages.error(request, f"没有做成例子：{error}")
            return page
        self.log_addition(request, example, "由一件申报的填报做成")
        messages.warning(request, MADE.format(edition=draft))
        return redirect("admin:catalogue_example_change", example.pk)
