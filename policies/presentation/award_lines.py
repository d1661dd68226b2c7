"""What one award pays, in words."""

from collections.abc import Mapping

from policies.catalogue.models.award import Award as AwardRow
from policies.presentation.words import STATUSES, claw_back_in_words, joint_cap_in_words
from policies.rules.awards import Award
from policies.rules.facts import Fact, plain
from policies.rules.wording import amount_in_words


def award_lines(award: Award, facts: Mapping[str, Fact]) -> list[str]:
    """A line a tranche; what is not printed says so."""
    if award.status in STATUSES:
        return [STATUSES[award.status]]
    lines = []
    for tranche in award.tranches:
        line = f"{tranche.title}：{amount_in_words(tranche.amount, facts)}"
        lines.append(f"{line}，条件：{tranche.condition}" if tranche.condition else line)
    if award.unsplit is not None:
        lines.append(f"合计 {plain(award.unsplit)} 万元，各期金额未公布")
    if award.fee_cap is not None:
        lines.append(f"担保费率不超过 {plain(award.fee_cap * 100)}%")
    if award.price_cut is not None:
        lines.append(f"减免 {plain(award.price_cut * 100)}%")
    if award.joint_cap is not None:
        lines.append(joint_cap_in_words(award.joint_cap._asdict()))
    if award.only_highest:
        lines.append(f"就高不重复：{'、'.join(award.only_highest)}")
    if award.claw_back is not None:
        lines.append(claw_back_in_words(award.claw_back._asdict()))
    if award.status == AwardRow.Status.TO_VERIFY:
        lines = [f"待核实：{line}" for line in lines]
    return lines
