"""How large a spreadsheet may be, and what is said of one that is not read."""

MOST_BYTES = 5 * 2**20
MOST_UNPACKED = 60 * 2**20
MOST_MEMBERS = 300
# The reader makes a full rectangle of the used cells, so a lone one far off would fill the memory.
LAST_ROW = 20_000
LAST_COLUMN = 60
# Rows that hold anything, in all sheets.
MOST_FILLED = 6000
TOO_LARGE = f"文件太大，最大 {MOST_BYTES // 2**20} MB。"
EMPTY = "文件是空的。"
BOMB = "这个文件解开以后太大，没有读取；请把名单复制到一个新文件里再上传。"
FAR_OFF = (
    f"表里有第 {LAST_ROW} 行以下或第 {LAST_COLUMN} 列以右的单元格；请把名单复制到一张新表里再上传。"
)
TOO_MANY_FILLED = (
    f"文件里有内容的行超过 {MOST_FILLED} 行，没有读取；"
    "请删去与本单位无关的行，或者分成几个文件再上传。"
)
UNREADABLE = "读不了这个文件；请用 Excel 或 WPS 打开，另存为 XLSX 或 CSV 再上传。"
NO_SPREADSHEET = "这不是表格，是 PDF、Word、图片一类的文件；请把名单复制到 Excel 或 WPS 表格里，另存为 XLSX 再上传。"
NO_TABLES = "这是一个网页，里面没有表格；请用 Excel 或 WPS 打开，另存为 XLSX 再上传。"
BINARY = (
    "这是 XLSB，里面哪些行隐藏、划掉、合并读不出来，没有读取；"
    "请用 Excel 或 WPS 打开，另存为 XLSX 再上传。"
)
UNPAIRED = (
    "第 {line} 行起有一个引号没有配对，后面的行会被当成一格里的字；"
    "请补上或去掉这个引号，或者用 Excel 或 WPS 另存为 XLSX 再上传。"
)
LOCKED = "这个文件加了密码，或者不是表格；请用 Excel 或 WPS 打开，另存为不加密码的 XLSX 再上传。"
STOPPED = "这个文件读起来太费时或太占内存，已经停下，没有读取；请把名单复制到一个新文件里再上传。"
BUSY = "正在读的文件太多，这一份没有读取；请稍后再上传。"


class SheetError(Exception):
    """A file that is not read; the message says why, in Chinese."""
