"""Reset the second factor of a superuser who lost everything: nobody stands above them."""

from django.core.management.base import BaseCommand, CommandError

from portal.accounts.backend import account_of
from portal.second_factor.resetting import reset_factor
from portal.users import UserError


class Command(BaseCommand):
    help = "重置一个账号的二次验证；一般请用户管理员在“用户”里办，没有人能办时才用这个命令。"

    def add_arguments(self, parser):
        parser.add_argument("login", help="用户名或邮箱")
        parser.add_argument("--reason", required=True, help="理由，留在变更历史里，本人也看得到")

    def handle(self, *args, login, reason, **options):
        user = account_of(login)
        if user is None:
            raise CommandError(f"没有这个账号：{login}")
        try:
            is_told = reset_factor(user=user, actor=None, reason=reason)
        except UserError as error:
            raise CommandError(str(error)) from error
        told = "已写信告诉本人" if is_told else "没有邮箱，请告诉本人"
        self.stdout.write(f"{user}：已重置二次验证；{told}。")
