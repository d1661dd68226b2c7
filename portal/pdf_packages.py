"""What of the system WeasyPrint needs to set Chinese text: without it no PDF is begun.

Pango ends the process where there is no font at all, and draws boxes where none is Chinese; so this
asks the system itself, before Pango does.
"""

import ctypes

# By the name of Debian's package, that of openEuler, and the library that it brings; the Makefile
# installs them.
FONTS = "fonts-noto-cjk"
PACKAGES = {
    FONTS: ("google-noto-sans-cjk-fonts", ""),
    "libharfbuzz-subset0": ("harfbuzz", "libharfbuzz-subset.so.0"),
    "libpango-1.0-0": ("pango", "libpango-1.0.so.0"),
    "libpangoft2-1.0-0": ("pango", "libpangoft2-1.0.so.0"),
}
FONTCONFIG = "libfontconfig.so.1"
CHINESE = b":lang=zh-cn"
MISSING = "做不了 PDF：这台机器缺少软件包 {debian}（openEuler、麒麟是 {openeuler}）。"
INSTALL = "由 root 安装：apt-get install {debian}，再重新启动网站和各个命令。"


class _Fonts(ctypes.Structure):
    """FcFontSet of fontconfig; what the fonts are is nothing to us."""

    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.c_void_p))


def missing_packages() -> list[str]:
    """Debian's names of what is not there, as it is now."""
    missing = [name for name, (_, library) in PACKAGES.items() if library and not _loads(library)]
    if not has_chinese_font():
        missing.insert(0, FONTS)
    return missing


def in_words(missing: list[str]) -> tuple[str, str]:
    """What is missing, and what to do about it."""
    others = dict.fromkeys(PACKAGES[name][0] for name in missing)
    debian = " ".join(missing)
    return (
        MISSING.format(debian=debian, openeuler=" ".join(others)),
        INSTALL.format(debian=debian),
    )


def has_chinese_font() -> bool:
    """Whether any font of the system holds what simplified Chinese is written with."""
    try:
        fontconfig = ctypes.CDLL(FONTCONFIG)
    except OSError:
        return False
    for name in ("FcInitLoadConfigAndFonts", "FcNameParse", "FcObjectSetCreate"):
        getattr(fontconfig, name).restype = ctypes.c_void_p
    fontconfig.FcFontList.restype = ctypes.POINTER(_Fonts)
    config = ctypes.c_void_p(fontconfig.FcInitLoadConfigAndFonts())
    pattern = ctypes.c_void_p(fontconfig.FcNameParse(CHINESE))
    wanted = ctypes.c_void_p(fontconfig.FcObjectSetCreate())
    found = fontconfig.FcFontList(config, pattern, wanted)
    try:
        return bool(found) and found.contents.count > 0
    finally:
        if found:
            fontconfig.FcFontSetDestroy(found)
        fontconfig.FcObjectSetDestroy(wanted)
        fontconfig.FcPatternDestroy(pattern)
        fontconfig.FcConfigDestroy(config)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
