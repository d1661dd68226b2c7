"""The columns of payment results, and what each result needs beside it."""

import re
from typing import Any

from applications.centre.exports import payments as words
from applications.centre.exports.payments import CAME_BACK, HAS_FAILED, IS_PAID, IS_PAID_IN_PART
from applications.centre.imports import words as names
from applications.centre.imports.marks import (
    BATCH_NUMBER,
    CASE_NUMBER,
    CREDIT_CODE,
    NO_CODE,
    read_batch_number,
    read_case_number,
    read_credit_code,
)
from policies.catalogue.models.award import Level
from portal.sheets.columns import Field, read_amount, read_day, read_one_of, read_text
from portal.typed.signs import folded

# What a row needs depends on its result, and what it says of the firm.
FREE: dict[str, Any] = {"is_required": False}
KEY = ("batch", "number", "level", "title")
KEYS = ("number", "credit_code", "name")
_SAID = {
    IS_PAID: (
        "支付成功", "成功", "付款成功", "交易成功", "发放成功", "处理成功", "转账成功", "入账成功", "成功入账",
        "已付", "已付款", "已发放", "已拨付", "已到账", "已入账", "已转账", "已兑付", "拨付成功", "交易完成", "是",
    ),
    IS_PAID_IN_PART: ("部分付款", "部分发放"),
    HAS_FAILED: (
        "失败", "付款失败", "交易失败", "发放失败", "处理失败", "转账失败", "入账失败", "未成功", "不成功",
        "未到账", "拨付失败", "否",
    ),
    CAME_BACK: (
        "已退回", "退票", "已退票", "退款", "已退款", "退汇", "已退汇", "被退回", "资金退回", "退回资金",
    ),
}  # fmt: skip
RESULTS = {
    word: result
    for result in (IS_PAID, IS_PAID_IN_PART, HAS_FAILED, CAME_BACK)
    for word in (result, *_SAID[result])
}
_READ = read_one_of(RESULTS)
# What banks put around a result: [0000]交易成功, 成功（已入账）, 交易成功-00.
_AROUND = re.compile(r"[（(\[【].*?[）)\]】]|[\s0-9A-Za-z:：_.\-]+")
# What they write where there is no reason.
_NO_REASON = {*NO_CODE, *(word for word in RESULTS if RESULTS[word] == IS_PAID)}


def read_result(text: str) -> str:
    plain = _AROUND.sub("", text)
    return _READ(plain if plain in RESULTS else text)


def read_reason(text: str) -> str | None:
    """None where it says that there is none."""
    return None if _AROUND.sub("", text) in {"", *_NO_REASON} else read_text(500)(text)


def read_tail(text: str) -> str | None:
    """The last four digits of an account, which lists show even where they hide the others."""
    found = re.search(r"(\d{4})\D*$", folded(text), re.ASCII)
    return found[1] if found else None


FIELDS = (
    Field("batch", words.BATCH, read_batch_number, mark=BATCH_NUMBER, names=names.BATCH, **FREE),
    Field("number", words.NUMBER, read_case_number, mark=CASE_NUMBER, names=names.CASE, **FREE),
    Field("credit_code", words.CODE, read_credit_code, mark=CREDIT_CODE, names=names.CODE, spreads=True, **FREE),
    Field("name", "企业名称", read_text(200), names=names.NAME, spreads=True, **FREE),
    Field(
        "county", "县（市、区）", read_text(100), names=names.COUNTY, spreads=True, **FREE
    ),
    Field(
        "level", words.LEVEL, read_one_of({label: label for label in Level.labels}),
        names=names.LEVEL, **FREE,
    ),
    Field("title", words.TITLE, read_text(100), names=names.TRANCHE, **FREE),
    Field("result", words.RESULT, read_result, names=names.RESULT, is_once=True, **FREE),
    Field("paid_on", words.PAID_ON, read_day, names=names.PAID_ON, is_once=True, **FREE),
    Field(
        "voucher_number", words.VOUCHER, read_text(60), is_sign=True, names=names.VOUCHER,
        is_once=True, **FREE,
    ),
    Field("amount", words.PAID, read_amount, names=names.PAID, is_money=True, **FREE),
    # In lists of others: what was to be paid, whatever became of it.
    Field("transfer", "金额（万元）", read_amount, names=names.TRANSFER, is_money=True, **FREE),
    Field("on", words.RETURNED_ON, read_day, names=names.RETURNED_ON, is_once=True, **FREE),
    Field("returned", words.REFUNDED, read_amount, names=names.REFUNDED, is_money=True, **FREE),
    # In lists of others: why it failed, where no column is for that.
    Field("remark", "备注", read_text(500), names=names.REMARK, **FREE),
    Field("serial", "流水号", read_text(60), names=names.SERIAL, **FREE),
    Field("account", "账号尾号", read_tail, names=names.ACCOUNT, **FREE),
    Field("reason", words.REASON, read_reason, names=names.REASON, is_once=True, **FREE),
)  # fmt: skip
HEADERS = {field.key: field.header for field in FIELDS}
RESULTS_PAID = (IS_PAID, IS_PAID_IN_PART)
# What a row says of the result, in whatever column.
OF_RESULT = ("result", "paid_on", "voucher_number", "on", "reason")
OF_PAYMENT = ("paid_on", "voucher_number", "amount")
# What a result needs beside it, and what would contradict it.
NEEDED = {
    IS_PAID: OF_PAYMENT,
    IS_PAID_IN_PART: OF_PAYMENT,
    HAS_FAILED: ("reason",),
    CAME_BACK: ("on", "reason"),
}
EMPTY = {
    IS_PAID: ("on", "reason"),
    IS_PAID_IN_PART: ("on", "reason"),
    HAS_FAILED: ("on",),
    CAME_BACK: (),
}
