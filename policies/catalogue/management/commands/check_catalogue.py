"""Check that the published catalogue holds together; each problem on its own line."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from policies.catalogue import current as catalogue
from policies.consistency.catalogue import check_catalogue
from policies.consistency.gaps import check_gaps
from policies.consistency.jurisdictions import Place
from portal.models import Jurisdiction


class Command(BaseCommand):
    help = "核对已发布的政策目录：条件、分档、指标、出处、支付地区、重复计钱和没有版本的日子；有问题则退出码为 1。"

    def handle(self, *args, **options):
        contents = catalogue.published_contents()
        places = {
            code: Place(code, name, level, parent)
            for code, name, level, parent in Jurisdiction.objects.values_list(
                "code", "name", "level", "parent"
            )
        }
        today = timezone.localdate()
        gaps, retired = check_gaps(contents, today)
        problems = [*check_catalogue(contents, catalogue.facts(), places, today), *gaps]
        for line in (*retired, *problems):
            self.stdout.write(str(line))
        if problems:
            raise SystemExit(1)
        self.stdout.write(f"核对了 {len(contents)} 个版本，没有发现问题。")
