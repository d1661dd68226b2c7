"""The first questions are asked by their keys, whatever the rules read."""

from policies.catalogue.shared_guards import fact_guards, one_of
from policies.self_check.questionnaire import FIRST_QUESTIONS

FIRST_QUESTION_STAYS = (
    "自测首页要问这个指标，不能删除，也不能改类型、单位，不能收窄范围或去掉选项。"
)
GUARDS = fact_guards(one_of("OLD.key", FIRST_QUESTIONS), FIRST_QUESTION_STAYS)
