"""Accounts in one hand: who made an account, or last gave it a password or an e-mail address.

With these they can act as that person: beside each other the two are no two people. What the owner
of an account changes does not free it; whoever else gives it a new password takes it over.
"""

PASSWORD_SET = "设置了密码"  # noqa: S105 (the reason in the history)


def last_hand(account: str) -> str:
    """SQL for the key of the user who last had the account with this key in hand, or null."""
    return (
        "(SELECT act.history_user_id FROM portal_historicaluser AS act"  # noqa: S608 (constants)
        f" WHERE act.id = {account} AND act.history_user_id <> act.id AND (act.history_type = '+'"
        f" OR act.history_change_reason = '{PASSWORD_SET}' OR act.email <>"
        " (SELECT earlier.email FROM portal_historicaluser AS earlier WHERE earlier.id = act.id"
        " AND earlier.history_id < act.history_id ORDER BY earlier.history_id DESC LIMIT 1))"
        " ORDER BY act.history_id DESC LIMIT 1)"
    )


def in_one_hand(first: str, second: str) -> str:
    """SQL that is true where one of two users, given by their keys, has the other's account."""
    return f"({last_hand(first)} = {second} OR {last_hand(second)} = {first})"
