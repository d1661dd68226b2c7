"""The columns of payment results, and what each result needs beside it."""

from applications.centre.exports import payments as words
from applications.centre.exports.payments import CAME_BACK, HAS_FAILED, IS_PAID, IS_PAID_IN_PART
from applications.centre.imports.marks import (
    BATCH_NUMBER,
    CASE_NUMBER,
    CREDIT_CODE,
    read_credit_code,
)
from policies.catalogue.models.award import Level
from portal.sheets.columns import Field, read_amount, read_day, read_one_of, read_text

KEY = ("batch", "number", "level", "title")
RESULTS = {
    IS_PAID: IS_PAID,
    IS_PAID_IN_PART: IS_PAID_IN_PART,
    HAS_FAILED: HAS_FAILED,
    CAME_BACK: CAME_BACK,
    "支付成功": IS_PAID,
    "成功": IS_PAID,
    "失败": HAS_FAILED,
    "已退回": CAME_BACK,
}
FIELDS = (
    Field("batch", words.BATCH, read_text(24), mark=BATCH_NUMBER),
    Field("number", words.NUMBER, read_text(20), mark=CASE_NUMBER),
    Field("credit_code", words.CODE, read_credit_code, mark=CREDIT_CODE),
    Field("level", words.LEVEL, read_one_of({label: label for label in Level.labels})),
    Field("title", words.TITLE, read_text(100)),
    Field("result", words.RESULT, read_one_of(RESULTS)),
    Field("paid_on", words.PAID_ON, read_day, is_required=False),
    Field("voucher_number", words.VOUCHER, read_text(60), is_required=False, is_sign=True),
    Field("amount", words.PAID, read_amount, is_required=False),
    Field("on", words.RETURNED_ON, read_day, is_required=False),
    Field("returned", words.REFUNDED, read_amount, is_required=False),
    Field("reason", words.REASON, read_text(500), is_required=False),
)
HEADERS = {field.key: field.header for field in FIELDS}
RESULTS_PAID = (IS_PAID, IS_PAID_IN_PART)
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
