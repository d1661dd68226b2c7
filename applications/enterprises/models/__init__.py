"""Firms, who speaks for them, what they say of themselves, their accounts and their files."""

from applications.enterprises.models.bank_account import BankAccount
from applications.enterprises.models.calendar_address import CalendarAddress
from applications.enterprises.models.enterprise import Enterprise
from applications.enterprises.models.enterprise_change import EnterpriseChange
from applications.enterprises.models.library_file import LibraryFile
from applications.enterprises.models.membership import Claim, Invitation, Membership
from applications.enterprises.models.profile import ProfileAnswer, Subject

__all__ = [
    "BankAccount",
    "CalendarAddress",
    "Claim",
    "Enterprise",
    "EnterpriseChange",
    "Invitation",
    "LibraryFile",
    "Membership",
    "ProfileAnswer",
    "Subject",
]
