"""A pack as people send it, unpacked and parsed once within limits: run by portal.bounded_reading.

It imports little, for it starts at each reading; what it answers is `{"files": {path: text}}`, or
`{"refused": why}`.
"""

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from policies.catalogue.packs.problem import PackError
from policies.catalogue.packs.reader import parse_yaml
from portal.reading_process import serve

MOST_BYTES = 5 * 2**20
MOST_UNPACKED = 10 * 2**20
MOST_FILES = 500
PLACE = re.compile(
    r"(programmes|examples)/[\w.-]+\.yaml"
    r"|(pack|jurisdictions|facts|formulas|documents|conflicts|synonyms|clauses)\.yaml"
)
# What a Mac puts beside the files of people.
OF_MACS = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|\._)")
TOO_LARGE = f"文件太大：最多 {MOST_BYTES // 2**20} MB，解开以后最多 {MOST_UNPACKED // 2**20} MB、{MOST_FILES} 个文件。"
NO_PACK = "不是目录包：应为 ZIP（里面是目录包的文件夹），或者一个项目文件（.yaml）。"
STRANGE = (
    "里面有不认识的文件 {name}：项目放在 programmes 里，例子放在 examples 里，都是 .yaml；"
    "此外只有 jurisdictions、facts、formulas、documents、conflicts、synonyms、clauses、pack 这几个。"
)
TWICE = "里面有两个 {name}。"
ENCRYPTED = "这个 ZIP 有密码，请去掉密码再上传。"
NO_TEXT = "{name} 应为 UTF-8 编码的文字，里面不能有不能显示的字符。"
# One file that is sent alone holds programmes.
ALONE = "upload.yaml"


class RefusedError(Exception):
    pass


def read(file: BinaryIO) -> dict[str, Any]:
    content = file.read(MOST_BYTES + 1)
    try:
        if len(content) > MOST_BYTES:
            raise RefusedError(TOO_LARGE)
        files = _unzipped(content) if content.startswith(b"PK") else {"": content}
        texts = {name: _text(name, own) for name, own in files.items()}
        if "" in texts:
            texts = {f"programmes/{ALONE}": texts[""]}
        for name, text in texts.items():
            _try(name, text)
    except RefusedError as refused:
        return {"refused": str(refused)}
    return {"files": texts}


def _unzipped(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = [
                each
                for each in archive.infolist()
                if not each.is_dir() and not OF_MACS.search(each.filename)
            ]
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > MOST_UNPACKED:
                raise RefusedError(TOO_LARGE)
            if any(each.flag_bits & 1 for each in members):
                raise RefusedError(ENCRYPTED)
            root = _root([each.filename for each in members])
            found: dict[str, bytes] = {}
            for member in members:
                name = member.filename.removeprefix(root)
                if not PLACE.fullmatch(name):
                    raise RefusedError(STRANGE.format(name=name[:100]))
                if name in found:
                    raise RefusedError(TWICE.format(name=name))
                # No more than the size it states: one that states too little fails its checksum.
                found[name] = archive.read(member)
            return found
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError,
    ) as error:  # fmt: skip
        raise RefusedError(NO_PACK) from error


def _root(names: list[str]) -> str:
    """The one folder that all lie in, if they do: people zip the folder or what is in it."""
    roots = {PurePosixPath(name).parts[0] for name in names if "/" in name}
    root = f"{roots.pop()}/" if len(roots) == 1 else "/"
    is_own = root in ("programmes/", "examples/", "../", "./")
    is_root = not is_own and all(name.startswith(root) for name in names)
    return root if is_root else ""


def _text(name: str, content: bytes) -> str:
    try:
        if 0 in content:  # which no database keeps
            raise ValueError
        return content.decode("utf-8-sig")
    except ValueError as error:
        raise RefusedError(NO_TEXT.format(name=name) if name else NO_PACK) from error


def _try(name: str, text: str) -> None:
    """Whoever reads it next meets nothing that grows beyond measure; what else is wrong they tell."""
    try:
        parse_yaml(text, name)
    except PackError:
        return


if __name__ == "__main__":
    serve(read)
