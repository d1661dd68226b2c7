"""Look-alikes of lists as county offices, finance bureaus and banks hand them on: each is read rightly,
or what is not is asked about or refused, with its cell and what would do.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from applications.cases.workflow import Status
from applications.centre.imports import finding, paid_lines, recognised_cases
from applications.centre.imports.payments import PAYMENT_RESULTS
from applications.centre.imports.recognitions import RECOGNITIONS
from applications.centre.imports.recording import keep_decisions, keep_sheet, rehearse
from applications.money.services import payments
from portal.sheets import account as said
from portal.sheets.account import State
from portal.sheets.headers import Headers
from portal.sheets.reading import Row
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    BankAccountFactory,
    EditionFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    ManagerFactory,
    ProgrammeFactory,
)
from tests.published_lists import as_csv, as_xls, as_xlsx, page

CHINA = ZoneInfo("Asia/Shanghai")
SUBMITTED = datetime(2026, 5, 6, 9, tzinfo=CHINA)
NOW = datetime(2026, 10, 15, 9, tzinfo=CHINA)
DOCUMENT, DAY = "晋测〔2026〕17号", date(2026, 10, 12)
PROGRAMME, OTHER = "市级专精特新中小企业认定", "首次上规奖励"
TITLE = f"关于市级“专精特新”中小企业认定名单的通知（{DOCUMENT}）"
ONE, TWO, THREE = "甲（集团）有限公司", "乙有限公司", "丙有限公司"
HEAD = ["序号", "企业名称", "县（市、区）"]
FIRST, SECOND = [1, ONE, "沁水县"], [2, TWO, "阳城县"]
BOTH = [ONE, TWO]
CODES = {ONE: "91140521MADEM0001X", TWO: "91140522MADEM0002X", THREE: "91140521MADEM0003X"}
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def counties():
    city = JurisdictionFactory()
    return {
        name: JurisdictionFactory(code=code, name=name, level="county", parent=city)
        for code, name in (("140521", "沁水县"), ("140522", "阳城县"))
    }


@pytest.fixture
def firms(counties):
    places = {ONE: "沁水县", TWO: "阳城县", THREE: "沁水县"}
    return {
        name: EnterpriseFactory(name=name, credit_code=CODES[name], county=counties[place])
        for name, place in places.items()
    }


def outcome(kind, user, content, name="名单.xlsx", details=None):
    """What becomes of each row that is not beside the data, and what is wrong."""
    sheet = keep_sheet(kind=kind, name=name, content=content, user=user, now=NOW)
    if details:
        keep_decisions(sheet, {}, {}, details=details)
        sheet.refresh_from_db()
    seen = rehearse(kind=kind, sheet=sheet, user=user, now=NOW)
    matched = {match.place: match for match in seen.matches}
    told = [
        f"{problem.cell} {problem.message}".strip()
        for problem in (*seen.problems, *seen.account.mismatches)
    ]
    for entry in seen.account.entries:
        if entry.state == State.DOUBT and not entry.waits_for_table:
            told.append(f"{entry.place}？{entry.doubt}")
        elif match := matched.get(entry.place):
            told.append(
                match.found.label.split("　")[LABELS[kind.key]] if match.found else match.why
            )
    told += [f"这张表？缺少{'、'.join(table.missing)}" for table in seen.account.undecided_tables]
    return told


LABELS = {"recognitions": 1, "payments": 3}


def check(found, lists):
    """Each as it is expected; those that are not, told one a line."""
    wrong = [
        f"{name}: {found[name]} instead of {expected}"
        for name, (_, expected) in lists.items()
        if found[name] != expected
    ]
    assert not wrong, "\n".join(wrong)


# Recognised lists

RECOGNISED = {
    "a letter above, headers on row 10, an office and a day below": (
        as_xlsx(
            page(
                ["晋城市工业和信息化局"],
                ["晋测〔2026〕17号"],
                [TITLE, "", "", ""],
                ["各县（市、区）工业和信息化局："],
                [f"    根据有关办法，经企业自愿申报、专家评审、社会公示，认定下列企业。{'等' * 40}", "", "", ""],
                [],
                ["附件：名单"],
                [],
                ["", "", "", "单位：家"],
                ["序 号", "企　业　名　称", "所属\n县区", "备注"],
                [1, "甲(集团) 有限公司", "沁水县", ""],
                [2, "乙　有限公司", "阳城县", ""],
                ["", "合　　计", "2家", ""],
                ["晋城市工业和信息化局", "", "", ""],
                ["2026年10月12日"],
                merged=[(2, 0, 2, 3), (4, 0, 4, 3)],
            )
        ),
        BOTH,
    ),
    "the headers on each printed page, and who signed in several cells": (
        as_xlsx(
            page(
                [TITLE],
                ["填报单位（盖章）：晋城市工信局", "", "填报日期：2026年10月12日"],
                HEAD,
                FIRST,
                ["第1页 共2页"],
                ["（续表）"],
                HEAD,
                SECOND,
                ["本页小计", "1家"],
                ["制表人：张三", "审核人：李四", "负责人：王五"],
                ["经办人（签字）：", "", "单位负责人（签字）："],
                ["联系人：张三", "联系电话：0356-2026305"],
                ["（此页无正文）"],
                ["第 2 页", "共 2 页"],
            )
        ),
        BOTH,
    ),
    "the sum in words in every way": (
        as_xlsx(
            page(
                [TITLE],
                [*HEAD, "奖补资金（万元）"],
                [*FIRST, 20],
                ["合计（大写）", "", "贰拾万元整", ""],
                ["大写：贰拾万元整", "", "", 20],
                ["人民币（大写）：贰拾万元整"],
                ["总 计", "", "", 20],
            )
        ),
        [ONE],
    ),
    "a sheet of sums first, then a sheet a county": (
        as_xlsx(
            page(["序号", "县（市、区）", "企业数（家）"], [1, "沁水县", 1], ["合计", "", 2], name="汇总"),
            page([TITLE], ["序号", "企业名称"], [1, ONE], ["小计", "1家"], name="沁水县"),
            page([TITLE], ["序号", "企业名称"], [1, TWO], ["小 计", "1家"], name="阳城县"),
        ),
        [*BOTH, "这张表？缺少申报编号或统一社会信用代码或企业名称"],
    ),
    "counties over their firms, with numbers or sums of their own": (
        as_xlsx(
            page(
                [TITLE],
                ["序号", "企业名称", "金额（万元）"],
                ["一", "沁水县", ""],
                [1, ONE, 20],
                ["二", "阳城县", "1家"],
                [1, TWO, 5],
                ["总计", "2家", 25],
            )
        ),
        BOTH,
    ),
    "the sum of a county above its firms": (
        as_xlsx(
            page(
                ["县区", "企业名称", "金额（万元）"],
                ["沁水县", "1家", 20],
                ["沁水县", ONE, 20],
                ["阳城县", "小计", 5],
                ["阳城县", TWO, 5],
            )
        ),
        BOTH,
    ),
    "numbers of the old register": (
        as_xlsx(
            page(
                ["企业名称", "注册号/统一社会信用代码", "县"],
                [ONE, "140521200001234", "沁水县"],
                [TWO, "140522 200001235", "阳城县"],
            )
        ),
        BOTH,
    ),
    "codes of organisations: one is part of the code of today, one is another's": (
        as_xls(page(["企业名称", "组织机构代码"], [ONE, "MADEM000-1"], [TWO, "12345678-9"])),
        [ONE, finding.OTHER_CODE],
    ),
    "codes that a system guards, in small letters, with hyphens": (
        f'企业名称,统一社会信用代码\r\n{ONE},"=""{CODES[ONE]}"""\r\n{TWO},\t{CODES[TWO].lower()}\t\r\n{THREE},91140521-MADEM0003-X\r\n'.encode(
            "gb18030"
        ),
        [ONE, TWO, THREE],
    ),
    "an apostrophe before a code": (
        as_xlsx(page(["企业名称", "统一社会信用代码"], [ONE, f"'{CODES[ONE]}"])),
        [ONE],
    ),
    "empty columns between": (
        as_xlsx(
            page(["序号", "", "企业名称", "", "县区"], [1, "", ONE, "", "沁水县"], [2, "", TWO, "", "阳城县"])
        ),
        BOTH,
    ),
    "three tables side by side, and one sum": (
        as_xlsx(
            page(
                [TITLE, *[""] * 8],
                ["序号", "企业名称", "县区"] * 3,
                [*FIRST, *SECOND, 3, THREE, "沁水县"],
                ["合计", *[""] * 7, "3家"],
                merged=[(0, 0, 0, 8)],
            )
        ),
        [ONE, TWO, THREE],
    ),
    "tables side by side whose headers are worded otherwise": (
        as_xlsx(page(["序号", "企业名称", "县区", "序号", "企业 名称", "所属县区"], [*FIRST, *SECOND])),
        BOTH,
    ),
    "names only, side by side": (
        as_xlsx(page(["企业名称", "企业名称"], [ONE, TWO])),
        ["表头里有两列“企业名称”（A1、B1）；并排的几张表请上下接起来，按年度、级别分了几列的请改成一行一笔，意思不同的列请改一个表头，再上传", ONE],
    ),
    "headers below each other": (
        as_xlsx(page(["企业名称", ONE, TWO], ["县区", "沁水县", "阳城县"])),
        [
            "表头竖着写在 A 列（A1、A2）；请复制整张表，用“选择性粘贴”里的“转置”改成横排，再上传。",
            "这张表？缺少申报编号或统一社会信用代码或企业名称",
        ],
    ),
    "headers below each other, and names that are no companies": (
        as_xlsx(page(["企业名称", "甲饭店"], ["县区", "沁水县"])),
        [f"A2 {said.IS_A_HEADER.format(text='县区')}"],
    ),
    "headers and firms merged over several columns": (
        as_xlsx(
            page(
                ["企业名称", "", ""], [ONE, "", ""], [TWO, "", ""],
                merged=[(0, 0, 0, 2), (1, 0, 1, 2), (2, 0, 2, 2)],
            )
        ),
        BOTH,
    ),
    "headers in two languages": (
        as_xlsx(page(["No.", "企业名称 Name", "County 县"], FIRST, SECOND)),
        BOTH,
    ),
    "no headers": (
        as_csv(page(["市级专精特新中小企业名单"], [ONE], [TWO])),
        ["找不到表头；表头要有：申报编号或统一社会信用代码或企业名称。没有表头的，请在名单上面加一行，写明每一列是什么；CSV 的各列要用逗号、制表符或分号隔开。"],
    ),
    "a column for each programme, ticked": (
        as_xlsx(
            page(
                ["企业名称", "县", PROGRAMME, OTHER],
                [ONE, "沁水县", "√", ""],
                [TWO, "阳城县", "", "√"],
                [THREE, "沁水县", "", ""],
            )
        ),
        [ONE, finding.KNOWN_FIRM, recognised_cases.NONE_TICKED.format(names=f"{PROGRAMME}、{OTHER}")],
    ),
    "columns of other programmes beside a list that is of none of them": (
        as_xlsx(page(["企业名称", f"是否{OTHER}", "备注"], [ONE, "是", ""], [TWO, "否", ""])),
        BOTH,
    ),
    "both programmes ticked": (
        as_xlsx(page(["企业名称", PROGRAMME, OTHER], [ONE, "是", "是"])),
        [recognised_cases.SEVERAL_TICKED.format(names=f"{PROGRAMME}、{OTHER}")],
    ),
    "the programme in the column of projects": (
        as_xlsx(page(["企业名称", "项目名称"], [ONE, PROGRAMME], [TWO, OTHER])),
        [ONE, finding.KNOWN_FIRM],
    ),
    "one programme of ours and one that nobody knows": (
        as_xlsx(page(["企业名称", "奖励项目"], [ONE, PROGRAMME], [TWO, "创新型企业"])),
        [ONE, recognised_cases.OTHER_PROGRAMME.format(told="创新型企业")],
    ),
    "a column of what was decided": (
        as_xlsx(page([*HEAD, "评审结果"], [*FIRST, "通过"], [*SECOND, "不通过"])),
        [ONE, f"第 3 行？{said.IS_NEGATED}"],
    ),
    "whether it is recognised": (
        as_xlsx(page([*HEAD, "是否认定"], [*FIRST, "是"], [*SECOND, "否"])),
        [ONE, f"第 3 行？{said.IS_NEGATED}"],
    ),
    "withdrawn in a remark": (
        as_xlsx(page([*HEAD, "备注"], [*FIRST, "复核通过"], [*SECOND, "企业自愿放弃"])),
        [ONE, f"第 3 行？{said.IS_NEGATED}"],
    ),
    "what a remark of ordinary words says": (
        as_xlsx(page([*HEAD, "备注"], [*FIRST, "无"], [*SECOND, "不含税"])),
        BOTH,
    ),
    "former names and other words in brackets": (
        as_xlsx(page(HEAD, [1, f"新甲有限公司（原名：{ONE}）", "沁水县"], [2, f"{TWO}（规上）", "阳城县"])),
        [finding.LIKE_NAME.split("{")[0]] * 2,
    ),
    "struck through, hidden by a filter": (
        as_xlsx(page(HEAD, FIRST, SECOND, [3, THREE, "沁水县"], hidden=(2,), struck=(3,))),
        [ONE, f"第 3 行？{said.IS_HIDDEN}", f"第 4 行？{said.IS_STRUCK}"],
    ),
    "a comma in an amount without quotes": (
        f"序号,企业名称,县区,奖补金额（元）\n1,{ONE},沁水县,200,000.00\n2,{TWO},阳城县,50000\n".encode("gb18030"),
        [f"第 2 行？{said.IS_WIDE}", TWO],
    ),
    "tabs in UTF-16 under the name .xls": (as_csv(page([TITLE], HEAD, FIRST, SECOND), "\t", "utf-16"), BOTH),
    "headers on three rows, an instruction in one": (
        as_xlsx(
            page(
                ["序号", "企业基本情况", "", "", "", "奖补"],
                ["", "名称\n（与营业执照一致）", "代码", "地址", "", ""],
                ["", "", "", "县", "乡镇", "金额"],
                [1, ONE, CODES[ONE], "沁水县", "龙港镇", 20],
                merged=[(0, 1, 0, 4), (1, 3, 1, 4), (0, 0, 2, 0), (0, 5, 1, 5), (1, 1, 2, 1), (1, 2, 2, 2)],
            )
        ),
        [ONE],
    ),
    "the days of systems and of Excel": (
        as_csv(
            page(
                ["企业名称", "文号", "认定日期"],
                [ONE, DOCUMENT, "2026/10/12 上午10:22"],
                [TWO, DOCUMENT, "20261012102233"],
                [THREE, DOCUMENT, "46307"],
            ),
            encoding="gb18030",
        ),
        [ONE, TWO, THREE],
    ),
    "a month without its day": (
        as_xlsx(page(["企业名称", "文号", "认定时间"], [ONE, DOCUMENT, "2026年10月"])),
        ["C2 “2026年10月”缺了月或日，请写成 2026-11-20 这样"],
    ),
    "kinds of firms, which are no headers": (
        as_csv(
            page(
                ["序号", "企业名称", "企业类型", "备注"],
                ["1", ONE, "规上企业", ""],
                ["2", TWO, "民营企业", "说明"],
                ["", "中小企业", "", ""],
                ["3", THREE, "企业", "无"],
            )
        ),
        [ONE, TWO, finding.NOT_FOUND, THREE],
    ),
    "sums of the counties beside the list": (
        as_xlsx(
            page(
                ["序号", "企业名称", "", "序号", "县区", "家数"],
                [1, TWO, "", 1, "沁水县", 2],
                [2, ONE, "", 2, "阳城县", 1],
            )
        ),
        [TWO, ONE],
    ),
    "numbers of a system of the province": (
        as_xlsx(page(["受理编号", "企业名称"], ["SX2026000123", ONE], ["", TWO])),
        BOTH,
    ),
    "nothing but such a number": (
        as_xlsx(page(["受理编号", "企业名称"], ["SX2026000123", ""], ["", ONE])),
        ["A2 “SX2026000123”看不出是哪一家，请写明", ONE],
    ),
    "no objection, which is no refusal": (
        as_xlsx(page([*HEAD, "公示异议", "审核意见"], [*FIRST, "无", "无"], [*SECOND, "无", "同意"])),
        BOTH,
    ),
    "a firm of another city": (
        as_xlsx(page(["所属市/县", "企业名称"], ["晋城市/沁水县", ONE], ["太原市", "别处有限公司"])),
        [ONE, finding.NOT_FOUND],
    ),
}  # fmt: skip


def test_recognised_lists_are_read_rightly_or_what_is_not_is_told(counties, firms):
    manager = ManagerFactory()
    edition = EditionFactory(programme=ProgrammeFactory(name=PROGRAMME))
    EditionFactory(programme=ProgrammeFactory(id="other", name=OTHER))
    for firm in firms.values():
        ApplicationFactory(
            enterprise=firm, edition=edition, status=Status.APPROVED, submitted_at=SUBMITTED
        )
    details = {
        "programme": edition.programme_id, "document_number": DOCUMENT, "on": "2026-10-12", "valid_until": "",
    }  # fmt: skip
    found = {
        name: outcome(RECOGNITIONS, manager, content, details=details)
        for name, (content, _) in RECOGNISED.items()
    }
    check(found, RECOGNISED)


# Headers


WORDS = {
    "name": (
        "申报单位（公章）|企业 名 称（盖章）|被扶持单位|补贴对象|兑付企业|受奖企业|公司全称|纳税人名称|项目业主|"
        "建设单位|承担单位名称|收款单位|单 位|名 称|企业名称/项目名称|新增规上工业企业|小升规企业名称|拟奖励企业名单|"
        "专精特新企业名称|对方户名|收方名称|收款人全称"
    ),
    "credit_code": "社会信用代码|统一代码|税号|组织机构代码|信用代码/注册号|营业执照注册号|统一社会信用代码（税号）",
    "county": "所在地市、县（区）|市、县（区）|属地|行政区|县市区|设区市|所属县（市、区）|属地县区|推荐地区",
    "transfer": (
        "拟奖励金额|补助资金（单位：万元）|奖补资金/万元|资金额度（万元）|补贴金额 (元)|补助额|安排资金（万元）|打款金额|"
        "本次支付金额（元）|已拨付金额|合计金额|支出金额|借方发生额|金额(人民币元)"
    ),
    "result": "支付状态|处理结果|到账情况|拨款情况|是否到账|银行处理状态|交易结果描述|状态",
    "reason": "失败原因|退汇原因|返回信息|反馈信息|错误信息|备注/原因",
    "paid_on": "交易时间|记账日期|到账日期|处理时间|拨款日期",
    "account": "收款账号|银行帐号|银行卡号|开户账号|对方账号",
}  # fmt: skip


def test_headers_are_known_by_their_meaning():
    known = Headers(PAYMENT_RESULTS.fields, PAYMENT_RESULTS.keys)
    for key, words in WORDS.items():
        for word in words.split("|"):
            other = "县区" if key == "name" else "企业名称"
            heading = known.find([Row(1, [word, "法定代表人", other], "ttt")], 0)
            assert heading, word
            assert heading.columns.get(key) == 0, word


# Payment results

OK = ["成功", DAY, "支1号"]
PAYS = ["企业名称", "补助金额（万元）", "支付结果", "支付日期", "凭证号"]
BANK = ["交易日期", "收款户名", "收款账号", "金额（元）", "交易状态", "失败原因"]
PAID = {"result": "已支付", "paid_on": "2026-10-12", "voucher_number": "支1号"}
NO_AMOUNT = "表里没有认出金额的列；请加一列，表头写“金额（万元）”或“金额（元）”，按级别、年度分了几列的改成一行一笔，再上传"


def amounts(header, *texts):
    rows = [[ONE, text, *OK] for text in texts]
    return [as_xlsx(page([*PAYS[:1], header, *PAYS[2:]], row, [TWO, "5万元", *OK])) for row in rows]


AS_WRITTEN = (
    ("补助金额（万元）", ("20", 20.0, "20万元", "20 万元", "20.00万", "200,000.00元", "贰拾万元整", "人民币贰拾万元整", "20万圆整")),
    ("补助金额（元）", ("200,000.00", "200000", "￥200,000.00", "200 000.00", "贰拾万元整", "20万元", 200000.00000000003)),
)  # fmt: skip
PAYMENTS = {
    **{
        f"{text} under {header}": (content, BOTH)
        for header, texts in AS_WRITTEN
        for text, content in zip(texts, amounts(header, *texts), strict=True)
    },
    "the unit below its header": (
        as_xlsx(page(["企业名称", "补助金额"], ["", "万元"], [ONE, 20], [TWO, 5])),
        BOTH,
    ),
    "nothing paid, as a dash": (
        as_xlsx(page(["企业名称", "金额（元）", "支付结果", "失败原因"], [ONE, "-", "失败", "账号有误"], [TWO, "/", "失败", "账号有误"])),
        BOTH,
    ),
    "元 under 万元": (
        amounts("补助金额（万元）", 200000)[0],
        ["B2 本批金额是 20 万元，表里写的是 200000 万元；请核对单位，多付的不能登记", *BOTH],
    ),
    "a sum that may mean two": (
        amounts("补助金额（万元）", "￥200,000.00")[0],
        ["B2 “￥200,000.00”是 200000 元还是 200000 万元？请写明单位；单位是万元，只写数字", TWO],
    ),
    "a statement of a bank": (
        as_xlsx(
            page(
                ["交易明细", "", "币种：人民币", "单位：元"],
                ["交易时间", "摘要", "借方发生额", "贷方发生额", "余额", "对方户名", "对方账号", "流水号"],
                ["2026-10-12 10:22:33", "奖补", "200,000.00", "", "1,000,000.00", ONE, "1405****0001", "F1"],
                ["2026-10-12 10:22:34", "奖补", "50,000.00", "", "950,000.00", TWO, "1405****0002", "F2"],
            )
        ),
        BOTH,
    ),
    "what banks write beside a result, and where there is no reason": (
        as_xlsx(
            page(
                ["代发结果清单"],
                ["批次号：20261012001", "", "总笔数：2", "总金额：250,000.00元"],
                [*BANK, "流水号"],
                ["2026.10.12", ONE, "6222****0001", "200,000.00", "成功（已入账）", "交易成功", "F1"],
                ["20261012102233", TWO, "6222****0002", 50000, "[0000]交易成功", "-", "F2"],
                ["成功笔数：2", "成功金额：250,000.00", "失败笔数：0", "失败金额：0.00"],
                ["总计：2笔", "", "", "250,000.00", "", ""],
                ["打印时间：2026-10-12 11:00", "", "操作员：001"],
            )
        ),
        BOTH,
    ),
    "the number of the bank's own batch": (
        as_xlsx(page(["批次号", *PAYS], ["20261012001", ONE, 20, *OK], ["20261012001", TWO, 5, *OK])),
        BOTH,
    ),
    "not yet done": (
        as_xlsx(page([*BANK, "凭证号"], ["2026.10.12", ONE, "", "200,000.00", "处理中", "", "支1号"], ["2026.10.12", TWO, "", 50000, "成功", "", "支1号"])),
        ["E2 “处理中”不认识，请写已支付、部分支付、支付失败、退回", TWO],
    ),
    "a payee of another name, known by the end of the account and the sum": (
        as_xlsx(page([*BANK, "凭证号"], ["2026.10.12", "甲集团沁水分公司", "6222****0001", "200,000.00", "成功", "", "支1号"], ["2026.10.12", "乙厂户头", "", 50000, "成功", "", "支1号"])),
        [paid_lines.BY_ACCOUNT, TWO],
    ),
    "what came back before it was paid": (
        as_xlsx(page(["收款人", "金额(元)", "状态", "原因", "退汇日期"], [ONE, 200000, "退汇", "账户状态异常", "2026/10/13"])),
        [finding.NOT_READY],
    ),
    "a column for each level": (
        as_xlsx(page(["拨付明细表", "", "", "单位：万元"], ["企业名称", "省级", "市级", "合计"], [ONE, 10, 10, 20], [TWO, 5, 0, 5])),
        [f"A3 {NO_AMOUNT}", f"A4 {NO_AMOUNT}", *BOTH],
    ),
    "a column for each year below what they are": (
        as_xlsx(page(["企业名称", "补助金额（万元）", "", ""], ["", "2025年", "2026年", "合计"], [ONE, 10, 10, 20], [TWO, 5, "", 5], merged=[(0, 1, 0, 3), (0, 0, 1, 0)])),
        BOTH,
    ),
    "asked for, granted, paid": (
        as_xlsx(page(["企业名称", "申报金额（万元）", "核定金额（万元）", "本次拨付金额（万元）"], [ONE, 50, 30, 20], [TWO, 10, 8, 5])),
        BOTH,
    ),
    "a sum over two rows": (
        as_xlsx(page(["企业名称", "项目", "金额（万元）"], [ONE, "一号", 20], ["", "二号", ""], [TWO, "", 5], merged=[(1, 0, 2, 0), (1, 2, 2, 2)])),
        ["C3 这一格与别的格合并了，看不出是不是同一个值；请取消合并，每格都填上，再上传", ONE, TWO],
    ),
    "side by side, with sums of each and of both": (
        as_xlsx(page(["拨付表", "", "", "", "", "单位：万元"], ["序号", "企业名称", "金额"] * 2, [1, ONE, 20, 2, TWO, 5], ["小计", "1家", 20, "小计", "1家", 5], ["总计", "", "", "", "", 25])),
        BOTH,
    ),
    "whether it was paid": (
        as_xlsx(page(["企业名称", "金额（元）", "是否成功", "支付日期", "凭证号"], [ONE, 200000, "是", DAY, "支1号"], [TWO, 50000, "是", DAY, "支1号"])),
        BOTH,
    ),
    "paid and left in columns of their own": (
        as_xlsx(page(["企业名称", "金额（万元）", "已付", "未付"], [ONE, 20, 20, ""], [TWO, 5, "", 5])),
        [ONE, f"第 3 行？{said.IS_NEGATED}"],
    ),
}  # fmt: skip


@pytest.fixture
def clerk(firms):
    """A draft that pays two of the firms, one on an account of another name."""
    user = FinanceFactory(permissions=["view_awardline", "manage_awards", "pay_awards"])
    fund = FundFactory()
    batch = payments.make_batch(fund=fund, actor=user, now=NOW)
    for name, amount, holder, number in (
        (ONE, 20, ONE, "6222020000000001"),
        (TWO, 5, "乙厂户头", "6222020000000002"),
    ):
        BankAccountFactory(
            enterprise=firms[name], holder=holder, number=number, confirmed_by=FinanceFactory()
        )
        case = ApplicationFactory(
            edition=EditionFactory(), submitted_at=SUBMITTED, enterprise=firms[name]
        )
        line = AwardLineFactory(application=case, fund=fund, state="approved", amount=amount)
        payments.add_payment(batch=batch, line=line, actor=user, now=NOW)
    return user


def test_payment_results_are_read_rightly_or_what_is_not_is_told(clerk):
    found = {
        name: outcome(PAYMENT_RESULTS, clerk, content, "回单.xlsx", PAID)
        for name, (content, _) in PAYMENTS.items()
    }
    check(found, PAYMENTS)
