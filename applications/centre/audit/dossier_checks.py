"""What is said of a dossier that comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from applications.centre.audit.dossiers import KEY, TITLE
from applications.centre.models import ExportLog
from portal.sealed.checking import Checked, NotSealedError, check_sealed
from portal.sealed.seal import Standing

NOT_A_DOSSIER = "这是本站封存的文件，但不是案卷。"
UNCHANGED = "{day} 做好以后没有改动过：{count} 个文件都和清单一致，清单和封条也一致。"
TO_THE_BYTE = "整个 ZIP 和当时交出去的逐字节相同。"
PACKED_ANEW = "ZIP 本身后来重新打包过，里面的内容没有变。"
BROKEN = "清单（manifest.json）被改动过：和封条对不上。"
FOREIGN = "封条不是用本站现在的密钥做的：不是本站做的，或者后来换了 SECRET_KEY 而旧的不在 SECRET_KEY_FALLBACKS 里。"
ON_RECORD = "但导出记录里有这份清单，清单是本站 {day} 做的。"
NOT_ON_RECORD = (
    "封条是本站密钥做的，但导出记录里没有这份清单（可能恢复过较早的备份，或是另一套数据库做的）。"
)


@dataclass(frozen=True)
class DossierChecked:
    """`is_intact`: whether it is as it left the site; `words` say it, `files` what is wrong with which."""

    checked: Checked
    is_intact: bool
    words: Sequence[str]
    files: Sequence[tuple[str, str]]

    @property
    def cases(self) -> Sequence[str]:
        return self.checked.about.get("cases", [])

    @property
    def title(self) -> str:
        numbers = "、".join(self.cases[:5])
        return f"{TITLE} {numbers}" + (" 等" if len(self.cases) > 5 else "")


def check_dossier(file: BinaryIO) -> DossierChecked:
    """Look at a seekable ZIP; NotSealedError where it is none of the site's."""
    checked = check_sealed(file)
    if checked.about.get("title") != TITLE:
        raise NotSealedError(NOT_A_DOSSIER)
    logs = ExportLog.objects.filter(key=KEY, checksum=checked.manifest_sha256)
    log = logs.order_by("at").first()
    # What is on record was sealed here, whatever became of the key.
    is_ours = checked.standing is Standing.GOOD or log is not None
    is_intact = checked.are_files_intact and is_ours and checked.standing is not Standing.BROKEN
    return DossierChecked(
        checked, is_intact, list(_words(checked, log, is_intact)), _files(checked)
    )


def _words(checked: Checked, log: ExportLog | None, is_intact: bool) -> Any:
    made = log.at if log else parse_datetime(str(checked.about.get("made_at")))
    day = f"{timezone.localtime(made):%Y-%m-%d %H:%M:%S}" if made else "不知道哪一天"
    if is_intact:
        yield UNCHANGED.format(day=day, count=checked.count)
        if log:
            yield TO_THE_BYTE if log.sha256 == checked.sha256 else PACKED_ANEW
    if checked.standing is Standing.BROKEN:
        yield BROKEN
    elif checked.standing is Standing.FOREIGN:
        yield FOREIGN + (ON_RECORD.format(day=day) if log else "")
    elif log is None:
        yield NOT_ON_RECORD


def _files(checked: Checked) -> list[tuple[str, str]]:
    return [
        *((name, "内容被改动过") for name in checked.changed),
        *((name, "不见了") for name in checked.missing),
        *((name, "后来加进去的") for name in checked.added),
    ]
