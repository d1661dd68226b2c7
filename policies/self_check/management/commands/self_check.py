"""The self-check on the command line: answers in, one JSON document out."""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from policies.catalogue import current as catalogue
from policies.catalogue.models import Programme
from policies.rules.answers import AnswersError, parse_answers
from policies.rules.assessment import assess, to_json
from policies.self_check.answer_documents import AnswerDocumentError, read_documents

MOST_BYTES = 1_000_000


class Command(BaseCommand):
    help = "按填报数据测算符合哪些项目，结果为 JSON。"

    def add_arguments(self, parser):
        parser.add_argument("answers", help="填报数据的 JSON 文件；- 表示标准输入")
        parser.add_argument("--on", help="测算日期，如 2026-11-20；默认今天")
        parser.add_argument(
            "--programme", action="extend", nargs="+", metavar="ID", help="只测算这些项目"
        )

    def handle(self, *args, **options):
        on = self._day(options["on"])
        asked = options["programme"]
        self._check_programmes(asked or ())
        documents, is_list = self._documents(options["answers"])
        facts = catalogue.facts()
        parsed, problems = [], []
        for index, raw in enumerate(documents):
            try:
                parsed.append(parse_answers(raw, facts, on))
            except AnswersError as error:
                place = f"第 {index + 1} 份 " if is_list else ""
                problems += [f"{place}{problem}" for problem in error.problems]
        self._refuse_if(problems)
        editions = catalogue.editions_in_force(on, asked)
        results = [assess(editions, answers, on, facts) for answers in parsed]
        self.stdout.write(to_json(results if is_list else results[0]))

    def _refuse_if(self, problems: Iterable[str]) -> None:
        lines = [" ".join(problem.split()) for problem in problems]
        if lines:
            for line in lines:
                self.stderr.write(line)
            raise SystemExit(2)

    def _day(self, text: str | None) -> date:
        if text is None:
            return timezone.localdate()
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = None
        if day is None or len(text) != 10 or not 2000 <= day.year <= 2100:
            self._refuse_if([f"--on：{text}，应为日期，如 2026-11-20"])
        return day

    def _check_programmes(self, asked: Iterable[str]) -> None:
        known = set(Programme.objects.values_list("id", flat=True))
        self._refuse_if(f"--programme：{each}，没有这个项目" for each in asked if each not in known)

    def _documents(self, source: str) -> tuple[list[dict[str, Any]], bool]:
        try:
            if source == "-":
                content = getattr(sys.stdin, "buffer", sys.stdin).read(MOST_BYTES + 1)
            else:
                with Path(source).open("rb") as file:
                    content = file.read(MOST_BYTES + 1)
        except OSError as error:
            self._refuse_if([f"{source}：不能读取（{error.strerror}），应为可读的 JSON 文件"])
        if len(content) > MOST_BYTES:
            self._refuse_if([f"{source}：太大，应不超过 {MOST_BYTES} 字节"])
        try:
            return read_documents(content)
        except AnswerDocumentError as error:
            self._refuse_if(error.problems)
            raise
