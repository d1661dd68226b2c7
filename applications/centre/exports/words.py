"""Words that several lists share."""


def with_subject(programme: str, subject: str) -> str:
    """A programme, with the project or base that a case is about."""
    return f"{programme}（{subject}）" if subject else programme
