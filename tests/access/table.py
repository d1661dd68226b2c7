"""Who may open which page, post to it, and do what with a list: the table that the tests hold to.

Every address of the site is in exactly one row, and so is every action of an admin list. Whoever
is not named gets the login page, 403, 404 or 405, and reads nothing of firms that are not theirs.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType

from applications.cases.models import Message
from applications.firm.sign_up_letters import sign_up_key
from applications.following.subscriptions import PURPOSE
from policies.self_check.models import SelfCheck
from policies.self_check.result_page import FOLDED
from policies.self_check.standing import Standing
from portal.accounts.letters import key_of
from portal.accounts.own_account import address_key
from tests.access.world import FAR, FOREIGN, NEXT, OWN, PROJECT_FACT, TAGS, World, marker

Who = frozenset[str]
Reach = Mapping[str, Collection[str]]

NO_ONE: Who = frozenset()
NOBODY = frozenset({"nobody"})
OWNERS = frozenset({"owner", "other_firm"})
MEMBERS = OWNERS | {"member"}
FIRMS = MEMBERS | {"claimant"}
ROOT = frozenset({"superuser"})
REVIEWERS = (
    frozenset({"reviewer", "reviewer_elsewhere", "reviewer_city", "reviewer_unplaced"}) | ROOT
)
EXPERT = frozenset({"expert"})
PROVINCE = frozenset({"editor_province"})
EDITOR = PROVINCE | {"editor", "editor_elsewhere"}
FINANCE, AUDITOR = frozenset({"finance"}), frozenset({"auditor"})
HEAD = frozenset({"head"})
AUDITORS = AUDITOR | ROOT
# Who looks and does nothing.
OVERSEERS = AUDITOR | HEAD
MANAGER = frozenset({"user_manager"})
USER_MANAGERS = MANAGER | ROOT
PAYERS = FINANCE | ROOT
# Who enters an account for a firm.
WRITERS = REVIEWERS | FINANCE
COVERED = REVIEWERS - {"reviewer_unplaced"} | USER_MANAGERS
STAFF = REVIEWERS | EXPERT | EDITOR | FINANCE | OVERSEERS | MANAGER
LOGGED_IN = FIRMS | STAFF
EVERYBODY = LOGGED_IN | NOBODY
PERSONAS = tuple(sorted(EVERYBODY))

# With the rights of a reviewer, in another place: asked only where the place can matter.
OTHER_REVIEWERS = REVIEWERS - ROOT - {"reviewer"}
OTHER_EDITORS = EDITOR - {"editor"}


# Whose objects a persona reaches, where they may use the page at all.
OF_FIRM: Reach = {"owner": {OWN}, "member": {OWN}, "other_firm": {NEXT}}
OF_PLACE: Reach = {
    "reviewer": {OWN, NEXT},
    "reviewer_elsewhere": {FAR},
    "reviewer_city": {OWN, NEXT, FAR},
    "finance": {OWN, NEXT},
    "auditor": {OWN, NEXT},
    "head": {OWN, NEXT},
    "user_manager": {OWN, NEXT, FAR},
    "superuser": set(TAGS),
}
# The accounts asked for are those of firms: a user manager has to do with staff only.
OF_ACCOUNTS: Reach = {**OF_PLACE, "user_manager": set()}
OF_ASKER: Reach = {"owner": {OWN}, "other_firm": {NEXT}}
OF_EXPERT: Reach = {"expert": {OWN}}
# Whose programmes an editor changes; all editors read them.
OF_EDITOR: Reach = {
    "editor": {OWN, NEXT, FAR},
    "editor_elsewhere": {FOREIGN},
    "editor_province": set(TAGS),
    "superuser": set(TAGS),
}
# Whose names an editor reads among those whom a draft concerns.
NAMED: Reach = {name: tags for name, tags in OF_EDITOR.items() if name != "superuser"}
# What several share goes through the province's hands only, where one person is enough.
OF_PROVINCE: Reach = {"editor_province": set(TAGS), "superuser": set(TAGS)}
OF_UPLOADER: Reach = {
    "reviewer": {OWN, NEXT},
    "reviewer_elsewhere": {FAR},
    "auditor": {OWN, NEXT},
    "superuser": set(TAGS),
}
# Of the people of one's own place, or whose accounts one manages.
OF_OFFICE: Reach = {
    "reviewer": {OWN, NEXT},
    "reviewer_elsewhere": {FAR},
    "user_manager": {OWN, NEXT, FAR},
    "superuser": set(TAGS),
}
OF_READER: Reach = {"reviewer": {OWN, NEXT}, "reviewer_elsewhere": {FAR}, "superuser": {FOREIGN}}
OF_PAYER: Reach = {"finance": {OWN, NEXT}, "superuser": {FAR, FOREIGN}}

# What a persona may read of the firms that they reach.
MAY_READ: Mapping[str, Collection[str]] = {
    # What they wrote themselves.
    "claimant": {"claim"},
    "owner": {"case", "contact", "note", "library", "account"},
    "member": {"case", "contact", "note", "library"},
    "other_firm": {"case", "contact", "note", "library", "account"},
    "reviewer": {"case", "contact", "note", "claim", "objector"},
    "reviewer_elsewhere": {"case", "contact", "note", "claim", "objector"},
    "reviewer_city": {"case", "contact", "note", "claim", "objector"},
    "expert": {"case"},
    "finance": {"case", "contact", "note", "account"},
    # Who objects is told to those who settle it alone.
    "auditor": {"case", "contact", "note", "claim"},
    "head": {"case", "contact", "note"},
    "user_manager": set(),
    "superuser": {"case", "contact", "note", "claim", "objector", "account"},
}
# What anybody reads who holds the secret address of a case, or an invitation.
HELD = {"case", "contact", "note"}


@dataclass(frozen=True)
class Row:
    """One address, by its name or, without one, by its route.

    `reach`: whose objects each persona reaches; without it the page is the same for all.
    `changes`: whose they change, where they read more.
    `args`: what the address takes, for the objects of a firm. `absent`: what leads nowhere for
    anybody. `data`: what a post needs to be understood. `held`: the address itself is the key.
    """

    key: str
    get: Who = NO_ONE
    post: Who = NO_ONE
    reach: Reach | None = None
    args: Callable[[World, str], list[Any]] = lambda world, tag: []
    changes: Reach | None = None
    path: str = ""
    query: Callable[[World, str], str] = lambda world, tag: ""
    data: Callable[[World, str], dict[str, Any]] = lambda world, tag: {}
    absent: Callable[[World, str], list[Any]] | None = None
    held: bool = False
    # Who reads here, and nowhere else, the names of which firms.
    names: Reach = field(default_factory=dict)


# Pages of staff that show firms and their cases.
OF_FIRMS = (
    "admin:index", "admin:enterprises_", "admin:cases_", "admin:money_", "admin:notices_",
    "admin:centre_", "admin:portal_delivery", "admin:catalogue_call",
)  # fmt: skip
OF_CATALOGUE = (
    "admin:index", "admin:catalogue_", "admin:editors_", "admin:pages_", "admin:portal_jurisdiction",
    "admin:cases_publishedyear", "admin:cases_calendarday", "admin:autocomplete", "admin:impact_",
)  # fmt: skip


def concerns(row: Row, persona: str) -> bool:
    """Whether a persona has to be asked, or another one answers for them."""
    if persona in OTHER_REVIEWERS:
        return row.reach is not None or row.key.startswith(OF_FIRMS)
    if persona in OTHER_EDITORS:
        return row.key.startswith(OF_CATALOGUE)
    return True


@dataclass(frozen=True)
class ActionRow:
    """One action of an admin list: `model` is `app_label.model_name`."""

    model: str
    name: str
    who: Who
    reach: Reach | None = None


def admin_pages(
    model: str,
    *,
    view: Who,
    add: Who = NO_ONE,
    change: Who = NO_ONE,
    delete: Who = NO_ONE,
    reach: Reach | None = None,
    changes: Reach | None = None,
    query: str = "q=zz",
    add_query: Callable[[World, str], str] | None = None,
    more: Mapping[str, tuple[Who, Who]] | None = None,
    fields: Mapping[str, dict[str, Any]] | None = None,
    remembers: bool = False,
) -> list[Row]:
    """The pages of a ModelAdmin; with `remembers`, also that of what was deleted.

    `more` are its own of one object: name to who gets and posts; `fields` what their rows need.
    """
    name = model.replace(".", "_")
    of_one = {"reach": reach, "args": lambda world, tag: [world.get(model, tag).pk]}
    of_own = {**of_one, "reach": changes or reach}
    added = {"reach": changes, "query": add_query} if add_query else {}
    # A page that only shows answers a post as it answers a get, and writes nothing.
    return [
        Row(f"admin:{name}_changelist", view, view, query=lambda world, tag: query),
        *([Row(f"admin:{name}_deleted", view)] if remembers else []),
        Row(f"admin:{name}_add", add, add, **added),
        Row(f"admin:{name}_change", view, change, **of_one, changes=changes),
        Row(f"admin:{name}_history", view, view, **of_one),
        Row(f"admin:{name}_delete", delete, delete, **of_own),
        # It leads to the page of the object, which asks who is there.
        Row(
            f"/admin/{name.replace('_', '/', 1)}/<path:object_id>/",
            STAFF,
            STAFF,
            path=f"/admin/{name.replace('_', '/', 1)}/1/",
        ),
        *(
            Row(f"admin:{name}_{page}", get, post, **of_own, **(fields or {}).get(page, {}))
            for page, (get, post) in (more or {}).items()
        ),
    ]


def lists(model: str, key: str, who: Who) -> list[Row]:
    """The page of a list, which also gives it as a file."""
    return [
        Row(
            f"admin:{model.replace('.', '_')}_list",
            who,
            who,
            args=lambda world, tag: [key],
            data=lambda world, tag: {"format": "csv"},
        )
    ]


def rows_of(name: str, attribute: str = "pk") -> Callable[[World, str], list[Any]]:
    return lambda world, tag: [getattr(world.get(name, tag), attribute)]


def saved_filters(of_list: str, who: Who, keepers: Who, reach: Reach) -> Iterator[Row]:
    """Whoever reads the list keeps filters of it; the world has some of the `keepers`."""
    name, rows = f"admin:{of_list.replace('.', '_')}", rows_of(f"saved filter {of_list}")
    kept = {"name": "常用", "query": ""}
    yield Row(f"{name}_save_filter", NO_ONE, who, data=lambda world, tag: kept)
    yield Row(f"{name}_open_filter", keepers, NO_ONE, reach, rows)
    yield Row(f"{name}_remove_filter", NO_ONE, keepers, reach, rows)


def enterprise_of(world: World, tag: str) -> list[Any]:
    return [world.get("enterprises.enterprise", tag).pk]


def programme_of(edition: str) -> Callable[[World, str], list[Any]]:
    return lambda world, tag: [world.get(edition, "").programme_id]


def args_of(*parts: Callable[[World, str], list[Any]]) -> Callable[[World, str], list[Any]]:
    return lambda world, tag: [value for part in parts for value in part(world, tag)]


def of_self_check(world: World, tag: str) -> dict[str, Any]:
    return {"token": world.get("self_check", OWN).token}


def section_of(fact: str) -> Callable[[World, str], str]:
    return lambda world, tag: f"section={world.get(fact, tag).section}"


def of_draft(world: World, tag: str) -> str:
    return f"edition={world.get('catalogue.edition', tag).pk}"


def public(*keys: str, post: Who = NO_ONE, **fields: Any) -> list[Row]:
    return [Row(key, EVERYBODY, post, **fields) for key in keys]


def held(
    key: str, name: str, attribute: str, *, get: Who = EVERYBODY, post: Who = NO_ONE, **more: Any
) -> Row:
    """An address that is a secret of its own: whoever holds it may use it, no other leads there."""
    values = {
        "reference": "00000000-0000-4000-8000-000000000000",
        "token": "x" * 32,
        "code": "2222222222",
    }
    return Row(
        key,
        get,
        post,
        args=lambda world, tag: [getattr(world.get(name, OWN), attribute)],
        absent=lambda world, tag: [values[attribute]],
        held=True,
        **more,
    )


def of_result(key: str, get: Who = EVERYBODY, post: Who = NO_ONE, **more: Any) -> Row:
    return held(f"self_check:{key}", "self_check", "token", get=get, post=post, **more)


def follow_key(programme: str) -> str:
    return key_of(["new@firm.example", f"programme={programme}", ["项目"]], PURPOSE)


def a_group(check: SelfCheck) -> str:
    """A group that its result folds."""
    return next(name for name in Standing(check).groups if name in FOLDED)


def a_programme(check: SelfCheck) -> str:
    return Standing(check).local[0].edition.programme


SITE = [
    *public("healthz", "ready", post=EVERYBODY),
    Row("metrics", NO_ONE),  # whoever has the token: tests/portal/test_metrics.py
    Row("/robots.txt", EVERYBODY, path="/robots.txt"),
]
CATALOGUE = [
    *public(
        "pages:programmes",
        "pages:calendar",
        "pages:calendar-feed",
        "pages:document-list",
        "pages:report-error-thanks",
        "self_check:amount-in-words",
        "notices:notice-list",
        "notices:feed",
    ),
    *public("self_check:item-row", query=lambda world, tag: "fact=first.products"),
    *public("pages:programme", args=lambda world, tag: [world.get("published", "").programme_id]),
    *public(
        "pages:edition",
        args=lambda world, tag: [
            world.get("published", "").programme_id,
            world.get("published", "").pk,
        ],
    ),
    *public("pages:document", args=rows_of("catalogue.document")),
    *public(
        "pages:document-file",
        args=args_of(rows_of("catalogue.document"), rows_of("original", "reference")),
        absent=args_of(rows_of("catalogue.document"), rows_of("file", "reference")),
    ),
    *public("pages:home"),
    *public("self_check:find-result", "self_check:self-check", post=EVERYBODY),
    *public(
        "pages:report-error",
        post=EVERYBODY,
        query=lambda world, tag: (
            f"programme={world.get('published', '').programme_id}&edition=2024-01-01&criterion=T.1"
        ),
    ),
    *public(
        "notices:notice",
        "notices:objection-thanks",
        args=rows_of("posted", "number"),
        absent=rows_of("draft", "number"),
    ),
    *public(
        "notices:objection",
        post=EVERYBODY,
        args=rows_of("posted", "number"),
        absent=rows_of("draft", "number"),
    ),
]
RESULT = [
    Row(
        "self_check:self-check-step",
        EVERYBODY,
        EVERYBODY,
        args=lambda world, tag: [world.get("self_check", OWN).token, 1],
        absent=lambda world, tag: ["x" * 32, 1],
        held=True,
    ),
    of_result("self-check-topics", post=EVERYBODY),
    of_result("self-check-tick", get=NO_ONE, post=EVERYBODY),
    of_result("self-check-restore", get=NO_ONE, post=EVERYBODY),
    of_result("result", post=EVERYBODY),
    of_result("result-print"),
    of_result("result-pdf", post=EVERYBODY),
    of_result("result-report"),
    of_result("result-json"),
    *(
        Row(
            f"self_check:{key}",
            EVERYBODY,
            args=lambda world, tag, last=last: [
                world.get("self_check", OWN).token,
                last(world.get("self_check", OWN)),
            ],
            absent=lambda world, tag, last=last: ["x" * 32, last(world.get("self_check", OWN))],
            held=True,
        )
        for key, last in (("result-group", a_group), ("result-programme", a_programme))
    ),
    of_result("what-if"),
    of_result("variants"),
    of_result("result-today", get=NO_ONE, post=EVERYBODY),
    of_result("result-carry", post=EVERYBODY),
    of_result("result-keep", get=NO_ONE, post=EVERYBODY),
    of_result("result-delete", get=NO_ONE, post=EVERYBODY),
    held("self_check:result-by-code", "self_check", "code"),
    *public(
        "following:follow",
        post=EVERYBODY,
        query=lambda world, tag: f"programme={world.get('published', '').programme_id}",
    ),
    *public("following:asked"),
    # Opened from a letter, by whoever asked for it.
    *public(
        "following:confirm",
        post=EVERYBODY,
        args=lambda world, tag: [follow_key(world.get("published", "").programme_id)],
    ),
    Row("following:mine", LOGGED_IN),
    held("following:following", "follower", "token"),
    held("following:end", "follower", "token", post=EVERYBODY),
    held("firm:take-over", "self_check", "token", get=NO_ONE, post=MEMBERS),
]
CASES = [
    Row("firm:case", MEMBERS, NO_ONE, OF_FIRM, rows_of("case", "reference")),
    Row("firm:correct", MEMBERS, MEMBERS, OF_FIRM, rows_of("returned", "reference")),
    Row("firm:withdraw", OWNERS, OWNERS, OF_FIRM, rows_of("case", "reference")),
    Row(
        "firm:ask-review",
        MEMBERS,
        MEMBERS,
        OF_FIRM,
        rows_of("rejected", "reference"),
        data=lambda world, tag: {"reason": marker(tag, "note")},
    ),
    Row("firm:awards", MEMBERS),
    Row("firm:write-note", NO_ONE, MEMBERS, OF_FIRM, rows_of("case", "reference")),
    Row(
        "cases:file",
        MEMBERS | REVIEWERS | EXPERT | FINANCE | OVERSEERS,
        NO_ONE,
        {**OF_FIRM, **OF_PLACE, **OF_EXPERT},
        rows_of("file", "reference"),
    ),
    Row(
        "cases:file-preview",
        REVIEWERS | EXPERT | FINANCE | OVERSEERS,
        NO_ONE,
        {**OF_PLACE, **OF_EXPERT},
        rows_of("file", "reference"),
    ),
]
# Whoever has no firm yet is led to register one; a get of what takes a post leads to the page.
APPLYING = [
    Row("firm:apply-index", FIRMS),
    Row("firm:apply-index-for", REVIEWERS, NO_ONE, OF_PLACE, enterprise_of),
    *(
        row
        for name, edition in (
            ("apply", "published"),
            ("apply-save", "published"),
            ("apply-discard", "published"),
            ("apply-subject", "by project"),
            ("apply-take-over", "published"),
        )
        for row in (
            Row(
                f"firm:{name}",
                FIRMS,
                FIRMS,
                args=programme_of(edition),
                data=of_self_check,
            ),
            Row(
                f"firm:{name}-for",
                REVIEWERS,
                REVIEWERS,
                OF_PLACE,
                args_of(enterprise_of, programme_of(edition)),
                data=of_self_check,
            ),
        )
    ),
]
ENTERPRISE = [
    Row("firm:enterprise", LOGGED_IN),
    Row("firm:enterprise-register", LOGGED_IN, LOGGED_IN),
    Row(
        "firm:enterprise-choose",
        NO_ONE,
        MEMBERS,
        OF_FIRM,
        data=lambda world, tag: {"enterprise": world.get("enterprises.enterprise", tag).pk},
    ),
    Row("firm:messages", LOGGED_IN),
    Row(
        "firm:read-messages",
        NO_ONE,
        LOGGED_IN,
        data=lambda world, tag: {"shown": [str(row.reference) for row in Message.objects.all()]},
    ),
    Row("firm:open-message", NO_ONE, OWNERS, OF_FIRM, rows_of("message", "reference")),
    Row("firm:library", MEMBERS, MEMBERS),
    Row("firm:library-file", MEMBERS, MEMBERS, OF_FIRM, rows_of("library file", "reference")),
    Row(
        "firm:library-withdraw",
        NO_ONE,
        MEMBERS,
        OF_FIRM,
        rows_of("library file", "reference"),
    ),
    Row("firm:bank-account", MEMBERS, OWNERS),
    Row("firm:calendar", MEMBERS),
    Row("firm:calendar-address", NO_ONE, MEMBERS),
    Row("firm:follow", NO_ONE, MEMBERS),
    Row("firm:calendar-revoke", NO_ONE, MEMBERS),
    Row(
        "firm:calendar-feed",
        EVERYBODY,
        args=lambda world, tag: ["calendar-of-the-firm-own"],
        absent=lambda world, tag: ["x" * 32],
        held=True,
    ),
    Row("firm:members", MEMBERS),
    Row("firm:member-invite", NO_ONE, OWNERS),
    Row("firm:member-remove", NO_ONE, OWNERS, OF_FIRM, rows_of("member")),
    Row("firm:member-role", NO_ONE, OWNERS, OF_FIRM, rows_of("member")),
    Row("firm:invitation-withdraw", NO_ONE, OWNERS, OF_FIRM, rows_of("invitation")),
    Row("firm:profile", MEMBERS),
    Row(
        "firm:profile-edit",
        MEMBERS,
        MEMBERS,
        query=section_of("enterprise.employees"),
    ),
    Row("firm:profile-self-check", NO_ONE, MEMBERS),
    Row("firm:profile-confirm", NO_ONE, MEMBERS),
    Row("firm:subject-add", NO_ONE, MEMBERS),
    Row("firm:subject-profile", MEMBERS, NO_ONE, OF_FIRM, rows_of("subject")),
    Row(
        "firm:subject-profile-edit",
        MEMBERS,
        MEMBERS,
        OF_FIRM,
        rows_of("subject"),
        query=section_of(PROJECT_FACT),
    ),
    Row("firm:subject-profile-self-check", NO_ONE, MEMBERS, OF_FIRM, rows_of("subject")),
    Row("firm:subject-profile-confirm", NO_ONE, MEMBERS, OF_FIRM, rows_of("subject")),
    *(
        Row(
            f"firm:{name}",
            EVERYBODY,
            EVERYBODY,
            args=lambda world, tag: ["invited-by-a-letter-own"],
            absent=lambda world, tag: ["x" * 32],
            held=True,
        )
        for name in ("invitation", "invited-sign-up")
    ),
]
JOBS = [
    Row("job", OWNERS, NO_ONE, OF_ASKER, rows_of("job", "reference")),
    Row("job-file", OWNERS, NO_ONE, OF_ASKER, rows_of("job", "reference")),
    Row("job-stop", NO_ONE, OWNERS, OF_ASKER, rows_of("job", "reference")),
]
ACCOUNT = [
    *public(
        "account_login",
        "account_logout",
        "account_signup",
        "account_reset_password",
        post=EVERYBODY,
    ),
    *public(
        "account_inactive",
        "account_email_verification_sent",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
    ),
    *public("account_confirm_email", args=lambda world, tag: ["no-such-key"]),
    *public(
        "finish_sign_up", post=EVERYBODY, args=lambda world, tag: [sign_up_key("new@firm.example")]
    ),
    *public("firm:privacy"),
    Row("firm:own-data", LOGGED_IN),
    Row("firm:close-account", FIRMS, FIRMS),
    Row("account_home", LOGGED_IN),
    Row("account_change_password", LOGGED_IN, LOGGED_IN),
    Row("account_change_address", LOGGED_IN, LOGGED_IN),
    Row("account_log_out_elsewhere", NO_ONE, LOGGED_IN),
    # Opened from a letter, by whoever asked for it.
    Row(
        "account_confirm_address",
        frozenset({"owner"}),
        frozenset({"owner"}),
        args=lambda world, tag: [address_key(world.get("owner", OWN), "new@firm.example")],
    ),
    Row(
        "account_reset_password_from_key",
        EVERYBODY,
        EVERYBODY,
        args=lambda world, tag: ["1", "no-such-key"],
    ),
]
# Whoever has not given their password lately is led to do so; without a factor there is nothing
# to remove and no code to read, and by no domain there are no passkeys.
SECOND_FACTOR = [
    Row("mfa_index", LOGGED_IN),
    *(
        Row(name, LOGGED_IN, LOGGED_IN)
        for name in (
            "account_reauthenticate",
            "mfa_authenticate",
            "mfa_reauthenticate",
            "mfa_activate_totp",
            "mfa_generate_recovery_codes",
        )
    ),
    Row("mfa_remove_webauthn", LOGGED_IN, LOGGED_IN, args=lambda world, tag: [1]),
    *(
        Row(name)
        for name in (
            "account_kept_form",
            "mfa_add_webauthn",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
        )
    ),
]
EDITORS, READERS = EDITOR | ROOT, EDITOR | AUDITOR | ROOT
# Of what a draft would change.
LOOKERS = READERS | HEAD
EDITED = {"view": READERS, "add": EDITORS, "change": EDITORS, "delete": EDITORS}
EDITED_THERE = {**EDITED, "changes": OF_EDITOR}
# Changed by two where not by the province's; deleted by theirs alone.
SHARED = {**EDITED, "delete": PROVINCE | ROOT, "remembers": True}
ASKED = PROVINCE | ROOT | {"editor_elsewhere"}
ROOT_ONLY = {"add": ROOT, "change": ROOT, "delete": ROOT}
BUTTON = (NO_ONE, EDITORS)
MANAGED = (NO_ONE, REVIEWERS)
FORM = (REVIEWERS, REVIEWERS)
ADMIN = [
    *(Row(f"admin:{name}", STAFF, STAFF) for name in ("index", "password_change")),
    *(Row(f"admin:{name}", STAFF) for name in ("jsi18n", "password_change_done")),
    Row("admin:login", STAFF, STAFF),
    Row("admin:logout", EVERYBODY - STAFF, EVERYBODY),
    Row("admin:app_list", STAFF, STAFF, args=lambda world, tag: ["cases"]),
    Row("/admin/(?P<url>.*)$", path="/admin/no-such-page/"),
    Row(
        "admin:autocomplete",
        READERS,
        query=lambda world, tag: (
            "app_label=catalogue&model_name=edition&field_name=programme&term="
        ),
    ),
    # No row of a firm has a page on the site that its number leads to.
    Row(
        "admin:view_on_site",
        reach={},
        args=lambda world, tag: [
            ContentType.objects.get_for_model(Message).pk,
            world.get("message", tag).pk,
        ],
    ),
    *admin_pages("auth.group", view=AUDITOR | ROOT, **ROOT_ONLY),
    *admin_pages("account.emailaddress", view=ROOT, **ROOT_ONLY),
    *admin_pages(
        "portal.user",
        view=AUDITOR | ROOT | MANAGER,
        add=USER_MANAGERS,
        change=USER_MANAGERS,
        reach=OF_ACCOUNTS,
        more=dict.fromkeys(("active", "factor"), (USER_MANAGERS, USER_MANAGERS)),
    ),
    Row(
        "admin:auth_user_password_change",
        USER_MANAGERS,
        USER_MANAGERS,
        OF_ACCOUNTS,
        args=rows_of("portal.user"),
    ),
    *admin_pages("portal.jurisdiction", **SHARED),
    *admin_pages(
        "catalogue.document",
        **SHARED,
        more={
            "original": (READERS, PROVINCE | ROOT),
            "take_down": (PROVINCE | ROOT, PROVINCE | ROOT),
        },
    ),
    Row(
        "admin:catalogue_document_original_file",
        READERS,
        args=args_of(rows_of("catalogue.document"), rows_of("original", "reference")),
        absent=args_of(rows_of("catalogue.document"), rows_of("file", "reference")),
    ),
    *admin_pages("catalogue.clause", **SHARED),
    *admin_pages("catalogue.conflict", **SHARED),
    *admin_pages("catalogue.fact", **SHARED),
    *admin_pages("catalogue.formula", **SHARED),
    *admin_pages("catalogue.office", **SHARED),
    *admin_pages("catalogue.synonym", **SHARED),
    *admin_pages(
        "editors.proposedchange",
        view=READERS,
        more={
            **dict.fromkeys(("accept", "reject"), (NO_ONE, ASKED)),
            "withdraw": (NO_ONE, frozenset({"editor"})),
        },
        fields={"reject": {"data": lambda world, tag: {"note": "照旧"}}},
    ),
    # By the editor, of a programme of their city: those who stand above it are its second people.
    *admin_pages(
        "editors.editionproposal",
        view=READERS,
        more={
            **dict.fromkeys(("approve", "refuse"), (NO_ONE, PROVINCE | ROOT)),
            "withdraw": (NO_ONE, frozenset({"editor"})),
        },
        fields={"refuse": {"data": lambda world, tag: {"reason": "照旧"}}},
    ),
    *admin_pages(
        "editors.packimport",
        view=READERS,
        more={
            **dict.fromkeys(("load", "refuse"), (NO_ONE, EDITORS - {"editor_elsewhere"})),
            "withdraw": (NO_ONE, frozenset({"editor"})),
        },
        fields={"refuse": {"data": lambda world, tag: {"answer": "没有盖章的文件"}}},
    ),
    Row("admin:editors_packimport_upload", EDITORS, EDITORS),
    *admin_pages(
        "catalogue.programme",
        **EDITED_THERE,
        remembers=True,
        more={"screening": (EDITORS, EDITORS)},
    ),
    Row("admin:catalogue_programme_find", READERS, query=lambda world, tag: "q=zz"),
    *admin_pages(
        "catalogue.edition",
        **EDITED_THERE,
        remembers=True,
        more={
            **dict.fromkeys(("publish", "copy", "correct", "take"), BUTTON),
            **dict.fromkeys(("check", "retire", "withdraw"), (EDITORS, EDITORS)),
            **dict.fromkeys(("effect", "compare", "preview"), (EDITORS, NO_ONE)),
        },
    ),
    Row("admin:impact_run_changelist", LOOKERS, LOOKERS, query=lambda world, tag: "q=zz"),
    Row("admin:impact_run_edition", LOOKERS, args=rows_of("catalogue.edition")),
    Row("admin:impact_run_result", LOOKERS, args=rows_of("impact.run")),
    Row(
        "admin:impact_run_file",
        NO_ONE,
        LOOKERS,
        args=rows_of("impact.run"),
        data=lambda world, tag: {"format": "csv"},
    ),
    Row("admin:impact_run_ask", NO_ONE, EDITORS, OF_EDITOR, rows_of("catalogue.edition")),
    *(
        Row(f"admin:impact_run_{page}", NO_ONE, EDITORS, OF_EDITOR, rows_of("impact.run"))
        for page in ("stop", "remove")
    ),
    Row("admin:impact_run_add_variant", EDITORS, EDITORS, OF_EDITOR, rows_of("catalogue.edition")),
    Row("admin:impact_run_variant", EDITORS, EDITORS, OF_EDITOR, rows_of("impact.variant")),
    *(
        Row(f"admin:impact_run_{page}", NO_ONE, EDITORS, OF_EDITOR, rows_of("impact.variant"))
        for page in ("remove_variant", "use_variant")
    ),
    Row(
        "admin:impact_affected_changelist",
        LOOKERS,
        LOOKERS,
        query=lambda world, tag: f"run={world.get('impact.run', OWN).pk}",
        names=NAMED,
    ),
    Row(
        "admin:impact_affected_list",
        OVERSEERS | ROOT,
        OVERSEERS | ROOT,
        args=lambda world, tag: ["affected"],
        query=lambda world, tag: f"run={world.get('impact.run', OWN).pk}",
        data=lambda world, tag: {"format": "csv"},
    ),
    *admin_pages("catalogue.criterion", **EDITED_THERE, add_query=of_draft),
    # Nothing is read of a row nor saved: only what is typed is told.
    Row("admin:catalogue_criterion_preview", NO_ONE, EDITORS),
    Row("admin:catalogue_criterion_build", NO_ONE, EDITORS, args=lambda world, tag: ["rule"]),
    Row("admin:catalogue_criterion_facts", EDITORS, NO_ONE),
    *admin_pages("catalogue.award", **EDITED_THERE, add_query=of_draft),
    *admin_pages("catalogue.example", **EDITED_THERE, add_query=of_draft),
    Row(
        "admin:catalogue_example_row",
        EDITORS,
        EDITORS,
        OF_EDITOR,
        args=lambda world, tag: [world.get("catalogue.example", tag).pk, "criteria", "new"],
    ),
    Row(
        "admin:catalogue_example_sides",
        NO_ONE,
        EDITORS,
        OF_EDITOR,
        args=rows_of("catalogue.edition"),
    ),
    *admin_pages("pages.errorreport", view=READERS, change=EDITORS, delete=ROOT, reach=OF_EDITOR),
    *admin_pages("cases.publishedyear", **{**SHARED, "view": READERS | REVIEWERS}),
    *admin_pages("cases.calendarday", **{**SHARED, "view": READERS | REVIEWERS}),
    *admin_pages(
        "cases.application",
        view=REVIEWERS | FINANCE | OVERSEERS,
        reach=OF_PLACE,
        query="queue=all&q=zz",
        more={
            "decide": MANAGED,
            "note": MANAGED,
            "findings": MANAGED,
            "assignee": MANAGED,
            "review": MANAGED,
            "transfer": MANAGED,
            "assign": MANAGED,
            "withdraw_assignment": MANAGED,
            "example": (NO_ONE, ROOT),
            **dict.fromkeys(("approval", "materials"), (NO_ONE, REVIEWERS | FINANCE | OVERSEERS)),
        },
        fields={
            "withdraw_assignment": {
                "data": lambda world, tag: {
                    "assignment": world.get("cases.expertassignment", tag).pk
                }
            }
        },
    ),
    *lists("cases.application", "applications", REVIEWERS | FINANCE | OVERSEERS),
    *admin_pages(
        "catalogue.call",
        view=REVIEWERS | FINANCE | AUDITOR,
        reach=OF_PLACE,
        more={
            **dict.fromkeys(("write", "discard", "open", "move", "withdraw"), MANAGED),
            # This call is a county's own: no county below it has firms that hand in there first.
            "county": (NO_ONE, NO_ONE),
        },
    ),
    Row("admin:catalogue_call_draft", REVIEWERS, REVIEWERS),
    *lists("notices.notice", "notices", REVIEWERS | AUDITOR),
    *lists("money.awardline", "awards", PAYERS | OVERSEERS),
    *lists("money.paymentbatch", "payments", PAYERS | OVERSEERS),
    *admin_pages(
        "centre.officelist",
        view=PAYERS | AUDITOR,
        add=PAYERS,
        change=PAYERS,
        delete=PAYERS,
        reach=OF_PLACE,
    ),
    Row("admin:centre_figures_changelist", OVERSEERS | ROOT),
    Row("admin:centre_figures_looked_for", OVERSEERS | ROOT),
    Row("admin:centre_figures_report", NO_ONE, OVERSEERS | ROOT),
    Row("admin:centre_figures_file", NO_ONE, OVERSEERS | ROOT, args=lambda world, tag: ["cases"]),
    *admin_pages("centre.exportlog", view=AUDITOR | ROOT, reach=OF_PLACE),
    *admin_pages("centre.auditrecord", view=AUDITOR | ROOT, reach=OF_PLACE),
    Row("admin:centre_auditrecord_two_roles", AUDITORS, AUDITORS),
    Row("admin:centre_auditrecord_draw_sample", AUDITORS, AUDITORS),
    Row("admin:centre_auditrecord_check_dossier", AUDITORS, AUDITORS),
    Row("admin:centre_auditrecord_check_export", AUDITORS, AUDITORS),
    Row(
        "admin:centre_auditrecord_recount", AUDITORS, NO_ONE, OF_PLACE, rows_of("centre.exportlog")
    ),
    *(
        Row(
            f"admin:centre_auditrecord_{page}",
            NO_ONE,
            AUDITORS,
            OF_PLACE,
            rows_of("centre.auditrecord"),
        )
        for page in ("sample_file", "sample_dossiers")
    ),
    Row("admin:centre_auditrecord_dossier", NO_ONE, AUDITORS, OF_PLACE, rows_of("case")),
    *admin_pages(
        "centre.sheetimport",
        view=REVIEWERS | FINANCE | AUDITOR,
        reach=OF_UPLOADER,
        more={"decide": MANAGED, "record": MANAGED},
    ),
    Row(
        "admin:centre_sheetimport_upload",
        REVIEWERS,
        REVIEWERS,
        args=lambda world, tag: ["recognitions"],
    ),
    Row("desk:daily-mail", NO_ONE, STAFF),
    # Who reviews nowhere has nobody to enter a cover for.
    Row("desk:covers", COVERED, COVERED),
    Row("desk:end-cover", NO_ONE, COVERED, OF_OFFICE, rows_of("cover")),
    *saved_filters("cases.application", REVIEWERS | FINANCE | OVERSEERS, REVIEWERS, OF_READER),
    *saved_filters("money.awardline", PAYERS | OVERSEERS, PAYERS, OF_PAYER),
    *saved_filters("money.paymentbatch", PAYERS | OVERSEERS, PAYERS, OF_PAYER),
    Row("admin:cases_application_next", REVIEWERS),
    Row("admin:cases_application_ranking", REVIEWERS),
    Row("admin:cases_application_decide_ranking", NO_ONE, REVIEWERS),
    *admin_pages(
        "enterprises.claim",
        view=REVIEWERS | AUDITOR,
        reach=OF_PLACE,
        more={"decide": MANAGED},
    ),
    *admin_pages(
        "enterprises.enterprise",
        view=REVIEWERS | FINANCE | OVERSEERS,
        add=REVIEWERS,
        reach=OF_PLACE,
        more={
            "fill_in": FORM,
            "subject": MANAGED,
            "correct": FORM,
            "register": FORM,
            "account": (WRITERS, WRITERS),
        },
        fields={"fill_in": {"query": section_of("enterprise.employees")}},
    ),
    *admin_pages(
        "enterprises.enterprisechange",
        view=REVIEWERS | FINANCE | AUDITOR,
        reach=OF_PLACE,
        more={"decide": MANAGED, "settle": (NO_ONE, WRITERS)},
        fields={"decide": {"data": lambda world, tag: {"decision": "confirm"}}},
    ),
    *admin_pages(
        "enterprises.bankaccount",
        view=REVIEWERS | FINANCE | AUDITOR,
        reach=OF_PLACE,
        more={"decide": (NO_ONE, PAYERS)},
        fields={"decide": {"data": lambda world, tag: {"decision": "confirm"}}},
    ),
    Row(
        "admin:enterprises_enterprise_part",
        REVIEWERS,
        REVIEWERS,
        OF_PLACE,
        args_of(enterprise_of, rows_of("member")),
    ),
    *admin_pages(
        "notices.notice",
        view=REVIEWERS | AUDITOR,
        reach=OF_PLACE,
        more={
            **dict.fromkeys(
                ("write", "remove", "discard", "end", "withdraw", "settle", "recognise"), MANAGED
            ),
            "post": FORM,
        },
        fields={
            "settle": {"data": lambda world, tag: {"objection": world.get("objection", tag).pk}}
        },
    ),
    *admin_pages("money.awardline", view=PAYERS | OVERSEERS, reach=OF_PLACE),
    Row(
        "admin:money_awardline_act",
        PAYERS,
        PAYERS,
        OF_PLACE,
        lambda world, tag: ["void"],
        query=lambda world, tag: f"line={world.get('money.awardline', tag).pk}",
    ),
    *admin_pages(
        "money.fund",
        view=PAYERS | OVERSEERS,
        add=PAYERS,
        change=PAYERS,
        reach=OF_PLACE,
        more={"budget": (PAYERS, PAYERS)},
    ),
    Row("admin:money_fund_figures", PAYERS | OVERSEERS),
    *admin_pages(
        "money.paymentbatch",
        view=PAYERS | OVERSEERS,
        reach=OF_PLACE,
        more={
            **dict.fromkeys(("pay", "discard"), (NO_ONE, PAYERS)),
            **dict.fromkeys(("amount", "remove"), (NO_ONE, PAYERS)),
            # Of what is paid only: nothing comes back of a draft.
            "refund": (NO_ONE, NO_ONE),
        },
        fields={
            name: {"data": lambda world, tag: {"payment": world.get("payment", tag).pk}}
            for name in ("amount", "remove", "refund")
        },
    ),
    *admin_pages(
        "money.singlepersonpermit",
        view=PAYERS | AUDITOR | MANAGER,
        reach=OF_PLACE,
        more={"end": (NO_ONE, USER_MANAGERS)},
    ),
    Row("admin:money_singlepersonpermit_grant", USER_MANAGERS, USER_MANAGERS),
    *admin_pages(
        "notices.recognition",
        view=REVIEWERS | FINANCE | OVERSEERS,
        reach=OF_PLACE,
        more={"revoke": FORM},
    ),
    *admin_pages(
        "notices.revocation",
        view=REVIEWERS | FINANCE | OVERSEERS,
        reach=OF_PLACE,
        more={"decide": MANAGED},
        fields={"decide": {"data": lambda world, tag: {"decision": "confirm"}}},
    ),
    *admin_pages(
        "money.reclaim",
        view=PAYERS | OVERSEERS,
        reach=OF_PLACE,
        more=dict.fromkeys(("decide", "book", "drop", "decide_drop"), (NO_ONE, PAYERS)),
        fields={"decide": {"data": lambda world, tag: {"decision": "confirm"}}},
    ),
    *lists("money.reclaim", "reclaims", PAYERS | OVERSEERS),
    Row(
        "admin:money_reclaim_propose",
        PAYERS,
        PAYERS,
        OF_PLACE,
        query=lambda world, tag: f"line={world.get('money.awardline', tag).pk}",
    ),
    Row(
        "admin:notices_recognition_record",
        REVIEWERS,
        REVIEWERS,
        OF_PLACE,
        query=lambda world, tag: f"case={world.get('case', tag).pk}",
    ),
    *admin_pages("cases.message", view=STAFF, reach=OF_READER, more={"open": (NO_ONE, STAFF)}),
    *admin_pages("portal.delivery", view=REVIEWERS | AUDITOR, reach=OF_PLACE),
    *admin_pages(
        "cases.expertassignment",
        view=EXPERT | ROOT,
        reach=OF_EXPERT,
        query="waiting=all&q=zz",
        more={"score": (NO_ONE, EXPERT), "conflict": (NO_ONE, EXPERT)},
    ),
]
ROWS: list[Row] = [
    *SITE,
    *CATALOGUE,
    *RESULT,
    *CASES,
    *APPLYING,
    *ENTERPRISE,
    *JOBS,
    *ACCOUNT,
    *SECOND_FACTOR,
    *ADMIN,
]
ACTIONS: list[ActionRow] = [
    *(
        ActionRow("cases.application", name, REVIEWERS, OF_PLACE)
        for name in (
            "accept_selected",
            "recommend_selected",
            "assign_selected",
            "unassign_selected",
            "add_to_notice",
            "record_recognition",
        )
    ),
    ActionRow("cases.application", "pack_selected", REVIEWERS | FINANCE | OVERSEERS, OF_PLACE),
    *(
        ActionRow("money.awardline", name, PAYERS, OF_PLACE)
        for name in (
            *(
                f"step_{step}"
                for step in (
                    "confirm",
                    "amount",
                    "fund",
                    "year",
                    "approve",
                    "reopen",
                    "release",
                    "void",
                )
            ),
            "schedule_selected",
        )
    ),
    ActionRow("catalogue.programme", "export_as_pack", READERS),
    ActionRow("cases.message", "mark_read", STAFF, OF_READER),
    *(
        ActionRow(model, "delete_selected", ROOT)
        for model in ("auth.group", "account.emailaddress")
    ),
    ActionRow("account.emailaddress", "make_verified", ROOT),
]
