"""A letter each working morning to whoever has something waiting: how much and where, nothing of firms."""

from datetime import date, datetime

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import CalendarDay, Cover
from applications.cases.working_days import CalendarUnknownError
from applications.centre.models import NoDailyMail
from applications.centre.workbench import WaitingWork, waiting_work
from portal.models import Delivery, User
from portal.outbox.sending import post

# The part of the first page where it is turned off.
PLACE = "#daily-mail"


def wants_daily_mail(user: User) -> bool:
    return not NoDailyMail.objects.filter(user=user).exists()


def choose_daily_mail(user: User, *, wanted: bool, now: datetime) -> None:
    if wanted:
        NoDailyMail.objects.filter(user=user).delete()
    else:
        NoDailyMail.objects.get_or_create(user=user, defaults={"since": now})


def post_daily_mail(now: datetime) -> int:
    """Put today's letters into the outbox, each person's once; how many there are of today.

    None on a day off. Of a year whose days off nobody knows yet every day counts: a letter too many
    is better than one too few.
    """
    today = timezone.localdate(now)
    try:
        if not CalendarDay.objects.calendar().is_working_day(today):
            return 0
    except CalendarUnknownError:
        pass
    # Who is away is not written to: their cases are in the letter of whoever stands in for them.
    away = Cover.objects.on(today).working().order_by().values("person")
    staff = User.objects.filter(is_active=True, is_staff=True, no_daily_mail=None)
    staff = staff.exclude(pk__in=away)
    letters = (_letter(user, today, now) for user in staff.exclude(email="").order_by("pk"))
    return len(post(letter for letter in letters if letter is not None))


def _letter(user: User, today: date, now: datetime) -> Delivery | None:
    """What to write to somebody; nothing where no work waits."""
    work = [each for each in waiting_work(user, today) if each.count]
    count = sum(not each.is_told for each in work)
    if not count:
        return None
    return Delivery(
        key=f"waiting-{today}-{user.pk}",
        recipient=user,
        channel=Delivery.Channel.EMAIL,
        address=user.email,
        subject=f"{today.month}月{today.day}日等您办理的事：{_in_short(work)}",
        text=render_to_string(
            "admin/centre/daily_mail.txt",
            {
                "user": user,
                "today": today,
                "work": work,
                "site": settings.SITE_URL,
                "turn_off": settings.SITE_URL + reverse("admin:index") + PLACE,
            },
        ).strip(),
        due_at=now,
    )


def _in_short(work: list[WaitingWork]) -> str:
    first, *others = [each for each in work if not each.is_told]
    rest = f"，另有 {len(others)} 类" if others else ""
    return f"{first.title} {first.count} {first.unit}{rest}"
