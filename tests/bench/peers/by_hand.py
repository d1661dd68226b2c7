"""The eight programmes in numpy as one writes it by hand: whole arrays, what is sure and what fails.

It reads the same columns and gives the same arrays: verdicts, least and most money now.
"""

from datetime import date
from typing import Any

import numpy as np

from policies.rules import size
from policies.rules.column_data import INDUSTRY_STATES, Array
from policies.rules.facts import Fact
from policies.rules.firm import add_months, latest_reaching
from policies.rules.industry import belongs_to
from policies.rules.readings import MET, NOT_MET
from tests.bench.peers import EIGHT, PLAIN, QINSHUI, YANGCHENG

I1 = np.int8


class ByHand:
    def __init__(self, facts: dict[str, Fact], on: date) -> None:
        self.facts, self.on = facts, on
        self.codes = {key: list(fact.choices) for key, fact in facts.items() if fact.choices}
        self.limits, self.unused, self.rows = self._sizes()

    def _sizes(self) -> Any:
        """Limits of large firms by industry, as a table for each indicator."""
        keys, scales = (size.EMPLOYEES, size.REVENUE, size.ASSETS), (1, 10**6, 10**6)
        limits, unused = np.full((3, 256), np.nan), np.full((3, 256), -1, I1)
        rows: dict[int, list[list[tuple[int, float]]]] = {}
        for state, answered in enumerate(INDUSTRY_STATES):
            own = size.possible_rows(answered)
            unused[1:, state] = 1
            if None in own:
                continue
            found = [
                [
                    (keys.index(k), limit * scales[keys.index(k)])
                    for k, limit in zip(r[0], r[1][0], strict=True)
                ]
                for r in own
                if r
            ]
            if len(found) > 1:
                rows[state] = found
                continue
            unused[:, state] = 1
            for i, limit in found[0]:
                limits[i, state], unused[i, state] = limit, -1
        return limits, unused, rows

    def read(self, c: dict[str, Array]) -> tuple[list[Array], list[Array], list[Array]]:
        code = lambda key, name: np.uint8(self.codes[key].index(name))  # noqa: E731
        bit = lambda key, *names: np.uint8(sum(1 << self.codes[key].index(n) for n in names))  # noqa: E731
        one_of = lambda key, *names: np.logical_or.reduce([c[key] == code(key, n) for n in names])  # noqa: E731
        yes = lambda key: c[key] > I1(0)  # noqa: E731
        no = lambda key: c[key] < I1(0)  # noqa: E731
        year = self.on.year
        wan = np.float64(10**6)  # money is in 分
        verdicts: dict[str, Array] = {}

        def put(name: str, sure: Array, fails: Array) -> None:
            verdicts[name] = sure.view(I1) - fails.view(I1)

        county, city = c["enterprise.county"], c["enterprise.city"]
        places = self.codes["enterprise.county"]
        table = np.array([p.startswith("1405") for p in places] + [False] * (256 - len(places)))
        first, last = np.flatnonzero(table)[[0, -1]]
        inside = (county >= np.uint8(first)) & (county <= np.uint8(last))
        known, of_city = county != np.uint8(255), city == code("enterprise.city", "140500")
        here = inside | (~known & of_city)
        away = (known & ~inside) | (~known & (city != np.uint8(255)) & ~of_city)
        legal = one_of("enterprise.subject_type", "company", "university", "institute")
        not_legal = (c["enterprise.subject_type"] != np.uint8(255)) & ~legal
        state = c["industry"]

        def industry(*codes: str) -> tuple[Array, Array]:
            found = np.array(
                [{MET: 1, NOT_MET: -1}.get(belongs_to(each, codes), 0) for each in INDUSTRY_STATES]
                + [0] * (256 - len(INDUSTRY_STATES)),
                I1,
            )
            got = np.frombuffer(state.tobytes().translate(found.tobytes()), I1)
            return got > 0, got < 0

        # 规模：不是大型
        large = np.ones(len(state), I1)
        places_of = state.astype(np.intp)
        keys = (size.EMPLOYEES, size.REVENUE, size.ASSETS)
        for i, key in enumerate(keys):
            limit = self.limits[i].take(places_of)
            reached = (c[key] >= limit).view(I1) - (c[key] < limit).view(I1)
            unused = np.frombuffer(state.tobytes().translate(self.unused[i].tobytes()), I1)
            np.minimum(large, np.maximum(reached, unused), out=large)
        for each, rows in self.rows.items():
            own = np.flatnonzero(state == np.uint8(each))
            found = []
            for row in rows:
                got = np.ones(len(own), I1)
                for i, limit in row:
                    value = c[keys[i]][own]
                    got = np.minimum(got, (value >= limit).view(I1) - (value < limit).view(I1))
                found.append(got)
            least, most = np.minimum.reduce(found), np.maximum.reduce(found)
            large[own] = np.where(least == most, least, 0)
        sme, not_sme = large < I1(0), large > I1(0)

        # 小升规
        revenue, upgrade = c["revenue.main_business.y0"], c["stat.first_upgrade_year"]
        y1 = np.float32(year - 1)
        reporting, not_reporting = yes("stat.direct_reporting"), no("stat.direct_reporting")
        big, small = revenue >= 2000 * wan, revenue < 2000 * wan
        made, not_made = industry("B", "C", "D")
        path = one_of(
            "stat.entry_path", "below_scale", "new_start", "transfer", "merger",
            "individual_to_company",
        )  # fmt: skip
        put(
            "jc-xsg",
            here & made & (big | ((upgrade <= y1) & reporting)) & reporting
            & yes("stat.first_time_above_scale") & path,
            away | not_made | (small & ((upgrade > y1) | not_reporting)) | not_reporting
            | no("stat.first_time_above_scale")
            | ((c["stat.entry_path"] != np.uint8(255)) & ~path),
        )  # fmt: skip

        # 专精特新
        tiers, firsts = c["zjtx.tiers"], c["zjtx.first_this_year"]
        tiers_known, firsts_known = tiers < np.uint8(128), firsts < np.uint8(128)
        turnover, rd = c["revenue.operating.y1"], c["rd.expense.y1"]

        def holds(column: Array, is_known: Array, key: str, *names: str) -> tuple[Array, Array]:
            any_of = (column & bit(key, *names)) != np.uint8(0)
            return any_of & is_known, is_known & ~any_of

        first_yes, first_no = holds(firsts, firsts_known, "zjtx.first_this_year", "city")
        has, has_not = holds(tiers, tiers_known, "zjtx.tiers", "city")
        two_years = np.float32(latest_reaching(self.on, 24).toordinal())
        since, segment = c["ops.continuous_since"], c["market.segment_since"]
        rd_yes = (rd * 100 >= turnover * 3) & (turnover != 0)
        rd_no = (rd * 100 < turnover * 3) | (turnover == 0)
        score, equity = c["zjtx.score"], c["finance.new_equity_2y"]
        rd2, leads, rank = (
            c["rd.expense.y2"],
            c["standards.lead_count_2y"],
            c["award.science_rank_2y"],
        )
        f4 = np.float32
        direct = (
            (score >= f4(6000)) | (equity >= 2000 * wan) | ((rd >= 500 * wan) & (rd2 >= 500 * wan))
            | (leads >= f4(1)) | ((rank >= f4(1)) & (rank <= f4(5))) | yes("award.maker_china_2y")
            | yes("heritage.listed")
        )  # fmt: skip
        not_direct = (
            (score < f4(6000)) & (equity < 2000 * wan) & ((rd < 500 * wan) | (rd2 < 500 * wan))
            & (leads < f4(1)) & ((rank < f4(1)) | (rank > f4(5))) & no("award.maker_china_2y")
            & no("heritage.listed")
        )  # fmt: skip
        lists = c["credit.adverse_lists"]
        lists_known = lists < np.uint8(128)
        bad, clean = holds(
            lists, lists_known, "credit.adverse_lists", "abnormal", "serious_dishonest"
        )
        every = (
            (since <= two_years) & legal & sme & yes("brand.own_main_business")
            & (segment <= two_years) & (turnover >= 500 * wan) & rd_yes & direct
            & no("conduct.major_accident_3y") & no("product.prohibited") & clean
        )  # fmt: skip
        some = (
            ((since > two_years) & no("zjtx.attracted_in_production")) | not_legal | not_sme
            | no("brand.own_main_business") | (segment > two_years) | (turnover < 500 * wan)
            | rd_no | not_direct | yes("conduct.major_accident_3y") | yes("product.prohibited") | bad
        )  # fmt: skip
        put(
            "jc-zjtx-city",
            (has_not | first_yes) & here & (first_yes | (first_no & every)),
            (has & first_no) | away | (first_no & some),
        )
        for name, tier, limit in (
            ("jc-zjtx-prov", "prov", 1000),
            ("jc-zjtx-giant-prov", "giant_prov", 5000),
            ("jc-zjtx-giant-nat", "giant_nat", 10000),
        ):
            first_yes, first_no = holds(firsts, firsts_known, "zjtx.first_this_year", tier)
            fails = away | (first_no & (turnover < limit * wan))
            if tier != "prov":
                has, _ = holds(tiers, tiers_known, "zjtx.tiers", tier)
                fails = fails | (has & first_no)
            put(name, here & first_yes, fails)

        # 股改
        p1, p2, p3 = (c[f"net_profit.y{n}"] for n in (1, 2, 3))
        profit = p1 + p2 + p3
        reformed = c["reform.completed_year"]
        full = reformed - c["first whole year"]
        assets, base = c["assets.total.y2"], c["status.agri_ecom_base"]
        base_yes, base_no = base > I1(0), base < I1(0)
        low_yes, low_no = industry("I", "L72", "M", "N", "O", "P", "Q", "R")
        three_yes, three_no = (assets >= 300 * wan) | base_yes, (assets < 300 * wan) & base_no
        five_yes, five_no = (assets >= 500 * wan) | base_yes, (assets < 500 * wan) & base_no
        assets_yes = (low_yes & three_yes) | (low_no & five_yes) | (three_yes & five_yes)
        assets_no = (low_yes & three_no) | (low_no & five_no) | (three_no & five_no)
        prov, _ = holds(tiers, tiers_known, "zjtx.tiers", "prov")
        _, no_tier = holds(tiers, tiers_known, "zjtx.tiers", "prov", "giant_prov", "giant_nat")
        conduct = one_of("conduct.violation_3y", "none", "minor_with_note")
        conduct_no = (
            (c["conduct.violation_3y"] != np.uint8(255))
            & ~conduct
            & (c["conduct.violation_3y"] != code("conduct.violation_3y", "minor_without_note"))
        )
        origin = one_of("reform.origin", "founded_as_shares", "second_reform")
        excluded, not_excluded = industry("K7010", "J")
        put(
            "jc-share",
            here & yes("enterprise.operates_in_city") & legal & sme & (p1 > 0) & (p2 > 0) & (p3 > 0)
            & (profit >= 100 * wan) & yes("accounting.sound") & (full >= f4(3))
            & (yes("stat.four_above") | prov | base_yes) & assets_yes & not_excluded & conduct
            & (reformed == y1) & yes("reform.registered_as_shares_company")
            & (c["reform.origin"] != np.uint8(255)) & ~origin & yes("library.listing_reserve"),
            away | no("enterprise.operates_in_city") | not_legal | not_sme | (p1 <= 0) | (p2 <= 0)
            | (p3 <= 0) | (profit < 100 * wan) | no("accounting.sound") | (full < f4(3))
            | (no("stat.four_above") & no_tier & base_no) | assets_no | excluded | conduct_no
            | ((reformed == reformed) & (reformed != y1))
            | no("reform.registered_as_shares_company") | origin | no("library.listing_reserve"),
        )  # fmt: skip

        # 园区内项目
        kind, owner = c["project.kind"], c["enterprise.ownership"]
        industrial, private = (
            kind == code("project.kind", "industrial"),
            owner == code("enterprise.ownership", "private"),
        )
        invested, filed = c["project.total_investment"], c["project.filing_year"]
        black, not_black = holds(lists, lists_known, "credit.adverse_lists", "gsxt_blacklist")
        put(
            "jc-proj-in",
            (yes("project.plan_145") | yes("project.plan_236")) & industrial & private & here & legal
            & yes("project.in_park") & yes("project.park_approved") & (invested >= 1000 * wan)
            & (filed >= f4(year - 3)) & yes("project.under_construction.y1")
            & yes("project.prep_done") & not_black & no("project.received_city_funds"),
            (no("project.plan_145") & no("project.plan_236")) | ((kind != np.uint8(255)) & ~industrial)
            | ((owner != np.uint8(255)) & ~private) | away | not_legal | no("project.in_park")
            | no("project.park_approved") | (invested < 1000 * wan) | (filed < f4(year - 3))
            | no("project.under_construction.y1") | no("project.prep_done") | black
            | yes("project.received_city_funds"),
        )  # fmt: skip

        # 双创基地
        base_kind = c["base.type"]
        kind_known = base_kind != np.uint8(255)
        park = base_kind == code("base.type", "industrial_park")
        middle = one_of("base.type", "other_park", "building", "logistics")
        counting = one_of("base.type", "university", "lead_enterprise", "cultural_creative")
        secretary = base_kind == code("base.type", "business_secretary")
        tenants, teams = c["base.tenants"], c["base.teams"]
        at_least = np.where(tenants == tenants, tenants, f4(0))
        at_least = at_least + np.where(
            counting & (teams == teams) & (tenants == tenants), teams, f4(0)
        )
        at_most = tenants + np.where(kind_known & ~counting, f4(0), teams)
        enough = (park & (at_least >= f4(8))) | (middle & (at_least >= f4(20))) | (
            counting & (at_least >= f4(25))) | (secretary & (at_least >= f4(300)))  # fmt: skip
        few = (park & (at_most < f4(8))) | (middle & (at_most < f4(20))) | (
            counting & (at_most < f4(25))) | (secretary & (at_most < f4(300)))  # fmt: skip
        yang = county == code("enterprise.county", YANGCHENG)
        big_base = park | middle
        sheet, no_sheet = yang & big_base, (known & ~yang) | (kind_known & ~big_base)
        park_sheet, no_park_sheet = yang & park, (known & ~yang) | (kind_known & ~park)
        founded = c["enterprise.founded_on"] <= f4(latest_reaching(self.on, 12).toordinal())
        area = c["base.floor_area"]
        floor = (
            (park & (area >= 400_000.0))
            | (kind_known & ~park & (area >= 200_000.0))
            | (area >= 400_000.0)
        )
        premises = c["base.premises"]
        leased, entrusted = (
            premises == code("base.premises", name) for name in ("leased", "entrusted")
        )
        premises_known = premises != np.uint8(255)
        term, ends = c["base.lease_term_years"], c["base.premises_term_end"]
        ahead = f4(add_months(self.on, 36).toordinal())
        little = c["base.small_micro_tenants"]
        mostly = (little * f4(10) >= tenants * f4(8)) & (tenants != f4(0))
        not_mostly = (little * f4(10) < tenants * f4(8)) | (tenants == f4(0))
        services = [f"base.service.{name}" for name in (
            "information", "startup_coaching", "innovation", "training", "marketing", "finance",
            "consulting", "professional",
        )]  # fmt: skip
        count, possible = np.zeros(len(state), I1), np.zeros(len(state), I1)
        for key in services:
            count += yes(key).view(I1)
            possible += (c[key] >= I1(0)).view(I1)
        trade = c["base.industry_type"]
        other = code("base.industry_type", "other")
        listed = trade < other
        since = c["base.operating_since"]
        half_year = f4(latest_reaching(self.on, 6).toordinal())
        put(
            "jc-base-city",
            here & yes("base.is_operator") & (since <= half_year) & (no_sheet | (sheet & founded))
            & legal & yes("accounting.sound") & enough
            & (no_park_sheet | (park_sheet & (at_least >= f4(10)))) & mostly
            & ((premises_known & ~leased)
               | (leased & (term >= 500.0) & yes("base.tenant_invested") & (ends >= ahead)))
            & ((premises_known & ~entrusted)
               | (entrusted & yes("base.entrust_contract") & (ends >= ahead)))
            & listed & yes("base.rent_reduction") & yes("base.tutor_service") & (count >= I1(4))
            & (no_sheet | (sheet & floor)) & (no_sheet | (sheet & yes("base.county_approval"))),
            away | no("base.is_operator") | (since > half_year) | not_legal | no("accounting.sound")
            | few | not_mostly
            | (leased & ((term < 500.0) | no("base.tenant_invested") | (ends < ahead)))
            | (entrusted & (no("base.entrust_contract") | (ends < ahead)))
            | ((trade != np.uint8(255)) & (trade > other)) | no("base.rent_reduction")
            | no("base.tutor_service") | (possible < I1(4)),
        )  # fmt: skip

        # 现在的金额
        i2 = np.int16
        least: dict[str, Array] = {}
        most: dict[str, Array] = {}
        qin8 = (county == code("enterprise.county", QINSHUI)).view(I1)
        yang8 = yang.view(I1)
        qin, yang2 = qin8.astype(i2), yang8.astype(i2)
        may = {name: (verdicts[name] >= I1(0)).view(I1) for name in EIGHT}

        got, kept = c["stat.first_award_received"], c["stat.never_left_library"]
        age = f4(year) - upgrade
        open_age = age != age
        past = (age >= f4(1)) & (got > I1(0))
        not_past = (age < f4(1)) | ((age == f4(1)) & (got < I1(0)))
        stays, may_stay = (kept > I1(0)).view(I1), (kept >= I1(0)).view(I1)
        at3, at4 = (age == f4(3)).view(I1), (age == f4(4)).view(I1)
        may3, may4 = at3 | open_age.view(I1), at4 | open_age.view(I1)
        entry = i2(50) + qin * i2(30)
        two, three = i2(15) + qin * i2(10), i2(20) + qin * i2(10)
        least["jc-xsg"] = not_past * entry + stays * (at3 * two + at4 * three)
        most["jc-xsg"] = ~past * entry + may_stay * (may3 * two + may4 * three) + yang2 * i2(20)
        for name, (plain, more) in PLAIN.items():
            least[name] = most[name] = yang8 * I1(more) + I1(plain)
        ours = private.view(I1)
        states = one_of("enterprise.ownership", "state_owned", "state_controlled").view(I1)
        reserve = (c["library.listing_reserve_year"] == y1).view(I1)
        least["jc-share"] = I1(40) + (ours + qin8 + (yang8 & reserve)) * I1(20)
        most["jc-share"] = I1(60) + (qin8 + yang8 - states) * I1(20)
        stage, start = c["project.stage"], c["project.start_award_received"]
        step = (invested >= 1000 * wan).view(I1) + (invested >= 2000 * wan).view(I1)
        open_ = (invested != invested).view(I1)
        running, unknown_stage = (
            stage == code("project.stage", "in_production"),
            stage == np.uint8(255),
        )
        started = running | (stage == code("project.stage", "started"))
        low, high = step + open_, step + open_ + open_
        due = (started & (~running | (start < I1(0)))).view(I1)
        may_due = ((started | unknown_stage) & ~(running & (start > I1(0)))).view(I1)
        least["jc-proj-in"] = low * (due * I1(20) + running.view(I1) * I1(30))
        most["jc-proj-in"] = high * (may_due * I1(20) + (running | unknown_stage).view(I1) * I1(30))
        approved = big_base | (founded & yes("base.county_approval"))
        least["jc-base-city"] = I1(30) + (yang & approved).view(I1) * I1(10)
        most["jc-base-city"] = I1(30) + yang8 * I1(10)
        return (
            [verdicts[name] for name in EIGHT],
            [least[name] * may[name] for name in EIGHT],
            [most[name] * may[name] for name in EIGHT],
        )
