"""Who took part in judging a case, and so cannot review its rejection."""

from applications.cases.workflow import DECISIONS
from portal.one_hand import in_one_hand

_decisions = ", ".join(f"'{action}'" for action in sorted(DECISIONS))


def took_part(application: str, person: str) -> str:
    """SQL that is true where a person, given by key, decided, found or scored in a case, at any step;
    or somebody did who stood in for them, or whose account is in one hand with theirs.
    """

    def is_person(key: str) -> str:
        return f"({key} = {person} OR {in_one_hand(key, person)})"

    return (
        "(EXISTS (SELECT 1 FROM cases_applicationevent AS done"  # noqa: S608 (constants)
        f" WHERE done.application_id = {application} AND done.action IN ({_decisions})"
        f" AND ({is_person('done.actor_id')} OR {is_person('done.on_behalf_of_id')}))"
        " OR EXISTS (SELECT 1 FROM cases_finding AS found"
        f" WHERE found.application_id = {application} AND {is_person('found.by_id')})"
        " OR EXISTS (SELECT 1 FROM cases_expertscore AS score"
        " JOIN cases_expertassignment AS asked ON asked.id = score.assignment_id"
        f" WHERE asked.application_id = {application} AND {is_person('asked.expert_id')}))"
    )
