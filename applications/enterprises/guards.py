"""What a firm told stays as it was; what it tells anew stands beside it."""

from policies.catalogue.shared_guards import UNDATED_KEY, fact_guards, undated
from portal.guards import Guard, Hold, changed, history_guards
from portal.guards_of_two import guards_of
from portal.one_hand import in_one_hand

ANSWERS_STAY = "档案数据只增不改，不能改动或删除。"
SUBJECT_OF_OTHERS = "项目或基地不属于这家企业。"
SUBJECT_IS_USED = "项目或基地已有填报数据，不能删除。"
AREA_IS_USED = "已有企业注册在这个行政区划，不能删除。"
_subject_of_others = (
    "NEW.subject_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM enterprises_subject"
    " WHERE id = NEW.subject_id AND enterprise_id = NEW.enterprise_id)"
)
_subject_moves = "OLD.enterprise_id IS DISTINCT FROM NEW.enterprise_id OR OLD.kind <> NEW.kind"
_subject_is_used = "EXISTS (SELECT 1 FROM enterprises_profileanswer WHERE subject_id = OLD.id)"
_area_is_used = "EXISTS (SELECT 1 FROM enterprises_enterprise WHERE county_id = OLD.code)"

FILE_STAYS = "资料库的文件只属于上传它的企业，内容不能换，只能撤下。"
_content = "SELECT sha256 FROM portal_storedfile WHERE id = NEW.storedfile_ptr_id"
# Withdrawn together: the store's row first.
_leaves_unseen = (
    "NEW.content IS NOT NULL OR NOT EXISTS (SELECT 1 FROM portal_storedfile"
    " WHERE id = OLD.storedfile_ptr_id AND withdrawn_at IS NOT NULL)"
)
_file_changes = (
    f"{changed(('storedfile_ptr_id', 'enterprise_id'))}"
    f" OR ({changed(('content',))}) AND ({_leaves_unseen})"
)

ACCOUNT_STAYS = "收款账户填写后不能改动或删除，只能核对一次；有变动请另填一个。"
ACCOUNT_WAITS = "收款账户填写后要先由第二个人核对。"
ACCOUNT_NEEDS_TWO = "填写收款账户的人不能自己核对，也不能用自己建立或重设的账号核对。"
ACCOUNT_FIELDS = (
    "enterprise_id", "holder", "bank", "number", "entered_at", "entered_by_id", "by_staff",
)  # fmt: skip
_account_changes = f"{changed(ACCOUNT_FIELDS)} OR OLD.state <> 'pending'"
_account_decided_alone = (
    "NEW.state IN ('confirmed', 'refused') AND (NEW.decided_by_id = OLD.entered_by_id"
    f" OR {in_one_hand('OLD.entered_by_id', 'NEW.decided_by_id')})"
)

CHANGE_STAYS = "企业登记变更提出后不能改动或删除，只能复核一次。"
CHANGE_NEEDS_TWO = "企业登记变更由一人提出，另一人复核，也不能用自己建立或重设的账号复核。"
CHANGE_FIELDS = (
    "enterprise_id", "kind", "document_number", "on", "former_name", "name", "former_county_id",
    "county_id", "successor_id", "note",
)  # fmt: skip

ANSWERED_STAYS = (
    "已有企业在档案里填报了这个指标，不能删除，也不能改类型、单位，不能收窄范围或去掉选项。"
)
_is_answered = (
    f"EXISTS (SELECT 1 FROM enterprises_profileanswer WHERE fact_key IN (OLD.key, {UNDATED_KEY}))"  # noqa: S608 (constants)
)
FACT_GONE = "填报的一项指标刚被删除。"
_answered_now = f"held.key = ANY (words) OR {undated('held.key')} = ANY (words)"

GUARDS = (
    *fact_guards(_is_answered, ANSWERED_STAYS),
    Hold(
        "enterprises_profileanswer",
        ("fact_key",),
        "catalogue_fact",
        FACT_GONE,
        _answered_now,
        "SHARE",
    ),
    Guard(
        "enterprises_libraryfile",
        "INSERT",
        f"NEW.content IS DISTINCT FROM ({_content})",
        FILE_STAYS,
    ),
    Guard("enterprises_libraryfile", "UPDATE", _file_changes, FILE_STAYS),
    Guard("enterprises_libraryfile", "DELETE", "1 = 1", FILE_STAYS),
    *guards_of(
        "enterprises_enterprisechange",
        CHANGE_FIELDS,
        stays=CHANGE_STAYS,
        needs_two=CHANGE_NEEDS_TWO,
    ),
    Guard("enterprises_bankaccount", "INSERT", "NEW.state <> 'pending'", ACCOUNT_WAITS),
    Guard("enterprises_bankaccount", "UPDATE", _account_changes, ACCOUNT_STAYS),
    Guard(
        "enterprises_bankaccount", "UPDATE", _account_decided_alone, ACCOUNT_NEEDS_TWO, "two_people"
    ),
    Guard("enterprises_bankaccount", "DELETE", "1 = 1", ACCOUNT_STAYS),
    Guard("enterprises_profileanswer", "UPDATE", "1 = 1", ANSWERS_STAY),
    Guard("enterprises_profileanswer", "DELETE", "1 = 1", ANSWERS_STAY),
    Guard("enterprises_profileanswer", "INSERT", _subject_of_others, SUBJECT_OF_OTHERS),
    Guard("enterprises_subject", "UPDATE", _subject_moves, SUBJECT_OF_OTHERS),
    Guard("enterprises_subject", "DELETE", _subject_is_used, SUBJECT_IS_USED),
    Guard("portal_jurisdiction", "DELETE", _area_is_used, AREA_IS_USED),
    *history_guards(
        "enterprises_historicalenterprise",
        "enterprises_historicalmembership",
        "enterprises_historicalinvitation",
        "enterprises_historicalclaim",
    ),
)
