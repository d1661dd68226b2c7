"""Check that the published catalogue holds together; each problem on its own line."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from policies.catalogue.current import Catalogue
from policies.catalogue.readiness import problems_of_published, read_published
from policies.catalogue.sources import report_of_sources
from policies.consistency.catalogue import check_catalogue
from policies.consistency.gaps import check_gaps
from policies.consistency.jurisdictions import Place


class Command(BaseCommand):
    help = (
        "核对已发布的政策目录：条件、分档、指标、出处、支付地区、重复计钱、没有版本的日子，"
        "并逐个计算各版本的例子；有问题则退出码为 1。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--sources",
            action="store_true",
            help="列出来源文件的每一条、依据它的项目和条件；没有项目依据的写明原因",
        )

    def handle(self, *args, **options):
        lines, faults = report_of_sources() if options["sources"] else self._check()
        for line in (*lines, *faults):
            self.stdout.write(line)
        if faults:
            raise SystemExit(1)

    def _check(self) -> tuple[list[str], list[str]]:
        known, today = Catalogue(), timezone.localdate()
        published = read_published(known)
        contents = [each.data for each in published]
        places = {
            code: Place(code, place.name, place.level, place.parent_id)
            for code, place in known.areas.items()
        }
        gaps, lines = check_gaps(contents, today)
        faults = [*map(str, check_catalogue(contents, known.facts, places, today))]
        faults += map(str, gaps)
        tried, without, wrong = problems_of_published(published)
        lines += [f"{edition}：发布时还没有例子，没有用例子核对" for edition in without]
        faults += wrong
        if not faults:
            lines.append(f"核对了 {len(contents)} 个版本、{tried} 个版本的例子，没有发现问题。")
        return lines, faults
