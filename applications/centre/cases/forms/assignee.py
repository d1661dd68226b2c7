"""Whom a case is assigned to, and why."""

from typing import Any

from django import forms

from applications.cases.reviewers import name_of
from portal.models import User

LONGEST_REASON = 200
NOBODY = "不分配给谁（本科室都可以办）"
CHOOSE = "请选择分给谁。"
NOT_OFFERED = "这位同事现在不能办理所选的申报，请重新选。"


class ColleagueField(forms.ModelChoiceField):
    def label_from_instance(self, user: User) -> str:
        name = name_of(user)
        return name if name == user.username else f"{name}（{user.username}）"


class AssigneeForm(forms.Form):
    """`colleague` empty leaves the case to the whole desk, where `nobody` may be chosen."""

    colleague = ColleagueField(
        label="分给",
        queryset=User.objects.none(),
        error_messages={"required": CHOOSE, "invalid_choice": NOT_OFFERED},
    )
    reason = forms.CharField(
        label="说明（可以不填，只有工作人员看得到）",
        required=False,
        max_length=LONGEST_REASON,
        error_messages={"max_length": f"说明最多 {LONGEST_REASON} 字，请写得短些。"},
    )

    def __init__(
        self, data: Any = None, *, colleagues: Any, assignee: User | None = None, nobody: bool
    ) -> None:
        super().__init__(
            data,
            initial={"colleague": assignee},
            auto_id="id_assignee_%s",
            label_suffix="",
        )
        field = self.fields["colleague"]
        field.queryset = colleagues
        field.required, field.empty_label = not nobody, NOBODY if nobody else "请选择"
