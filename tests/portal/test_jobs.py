"""Long work: taken by one worker, done in blocks that count once, stopped, given up, told in words."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from portal.jobs.asking import (
    MOST_OF_ONE,
    MOST_OF_VISITORS,
    TooManyJobsError,
    ask,
    ask_to_stop,
    digest_of,
)
from portal.jobs.tidying import KEPT, forget, forget_old
from portal.jobs.work import (
    FAULT,
    INTERRUPTED,
    LOST_AFTER,
    MOST_ATTEMPTS,
    STOPPED,
    do_one,
    take,
    work_off,
)
from portal.models import Delivery, Job, Pulse
from portal.pulses import SILENT_AFTER, WORKER, beat, is_at_work
from tests.applications.cases.test_concurrency import at_once
from tests.factories import UserFactory
from tests.portal import job_kinds

State = Job.State
pytestmark = pytest.mark.django_db


def ask_for(kind=job_kinds.count, *, digest="one", **more):
    fields = {"title": "名单", "now": timezone.now(), "digest": digest_of(digest)}
    return ask(kind, more.pop("parameters", {}), **{**fields, **more})


def rows():
    return sorted(key.split()[1] for key in Delivery.objects.values_list("key", flat=True))


def test_a_job_is_done_in_its_blocks():
    job = ask_for()
    assert work_off(timezone.now) == 1
    job.refresh_from_db()
    assert (job.state, job.step, job.steps) == (State.DONE, 5, 5)
    assert job.result == {"rows": 5}
    assert rows() == ["0", "1", "2", "3", "4"]
    assert work_off(timezone.now) == 0


def test_the_oldest_comes_first():
    now = timezone.now()
    late = ask_for(digest="late", now=now)
    early = ask_for(digest="early", now=now - timedelta(minutes=1))
    assert take("worker", now) == early
    assert take("worker 2", now) == late
    assert take("worker 3", now) is None


def test_a_job_is_lost_by_a_silent_worker_and_not_before():
    job, now = ask_for(), timezone.now()
    assert take("silent", now) == job
    assert take("other", now + LOST_AFTER - timedelta(seconds=1)) is None
    assert take("other", now + LOST_AFTER).worker == "other"
    assert take("silent", now + LOST_AFTER) is None


def test_a_new_worker_goes_on_after_the_last_finished_block():
    job, now = ask_for(), timezone.now()
    take("killed", now)
    Job.objects.update(step=3, beat=now - LOST_AFTER)
    work_off(timezone.now)
    job.refresh_from_db()
    assert job.state == State.DONE
    assert rows() == ["3", "4"]


def test_what_a_worker_writes_after_it_lost_its_job_is_taken_back(monkeypatch):
    """Another worker takes the job while the first is in its block."""
    job = ask_for()

    def write_and_lose(number):
        job_kinds_write_row(number)
        if number == 2:
            Job.objects.update(worker="other")

    job_kinds_write_row = job_kinds.write_row
    monkeypatch.setattr(job_kinds, "write_row", write_and_lose)
    assert do_one("first", timezone.now)
    job.refresh_from_db()
    assert rows() == ["0", "1"]
    assert (job.step, job.state) == (2, State.RUNNING)


def test_a_job_stops_at_the_end_of_a_block_and_keeps_what_was_done(monkeypatch):
    job, write_row = ask_for(), job_kinds.write_row

    def write_and_stop(number):
        write_row(number)
        if number == 1:
            ask_to_stop(job, timezone.now())

    monkeypatch.setattr(job_kinds, "write_row", write_and_stop)
    work_off(timezone.now)
    job.refresh_from_db()
    assert (job.state, job.words, job.step) == (State.STOPPED, STOPPED, 2)
    assert rows() == ["0", "1"]


def test_a_job_that_nobody_began_stops_at_once():
    job = ask_for()
    ask_to_stop(job, timezone.now())
    job.refresh_from_db()
    assert job.state == State.STOPPED
    assert work_off(timezone.now) == 0


def test_a_worker_that_is_stopped_hands_its_job_back():
    job = ask_for()
    do_one("leaving", timezone.now, leaves=lambda: True)
    job.refresh_from_db()
    assert (job.state, job.worker, job.step) == (State.WAITING, "", 1)
    work_off(timezone.now)
    job.refresh_from_db()
    assert job.state == State.DONE
    assert rows() == ["0", "1", "2", "3", "4"]


def test_why_it_failed_is_told_in_words_and_the_trace_in_the_log_alone(caplog):
    refused = ask_for(job_kinds.refuse, digest="refused")
    broken = ask_for(job_kinds.break_down, digest="broken")
    with caplog.at_level(logging.ERROR, "portal.jobs.work"):
        work_off(timezone.now)
    refused.refresh_from_db()
    broken.refresh_from_db()
    assert (refused.state, refused.words) == (State.FAILED, "没有这个文件。")
    assert (broken.state, broken.words) == (State.FAILED, FAULT.format(number=broken.pk))
    assert "secret detail" in caplog.text
    assert "secret detail" not in str(Job.objects.values())


def test_a_kind_that_is_none_fails_and_nothing_is_called():
    job = ask_for()
    Job.objects.update(kind="os.getcwd")
    work_off(timezone.now)
    job.refresh_from_db()
    assert job.state == State.FAILED


def test_a_worker_that_lost_the_database_goes_on_with_its_own_job():
    job = ask_for(job_kinds.lose_the_database)
    with pytest.raises(OperationalError):
        do_one("worker", timezone.now)
    assert take("other", timezone.now()) is None
    assert do_one("worker", timezone.now)
    job.refresh_from_db()
    assert job.state == State.DONE
    assert rows() == ["0", "1"]


def test_a_job_that_kills_its_workers_is_given_up():
    job, now = ask_for(), timezone.now()
    for number in range(MOST_ATTEMPTS):
        assert take(f"worker {number}", now) == job
        now += LOST_AFTER
    assert take("last", now) is None
    job.refresh_from_db()
    assert (job.state, job.words) == (State.FAILED, INTERRUPTED)


def test_of_what_was_asked_nothing_is_kept_after_the_end():
    for number, kind in enumerate((job_kinds.count, job_kinds.refuse, job_kinds.break_down)):
        ask_for(kind, digest=str(number), parameters={"answers": "personal"})
    ask_to_stop(ask_for(digest="4", parameters={"answers": "personal"}), timezone.now())
    work_off(timezone.now)
    assert list(Job.objects.values_list("parameters", flat=True)) == [{}] * 4


def test_the_same_is_asked_for_once_while_it_is_open():
    first = ask_for()
    assert ask_for() == first
    assert ask_for(digest="another") != first
    work_off(timezone.now)
    assert ask_for() != first


def test_a_file_that_is_there_is_not_made_again(files_root):
    first = ask_for(job_kinds.make_file, keeps=True)
    work_off(timezone.now)
    assert ask_for(job_kinds.make_file, keeps=True) == first
    first.path.unlink()
    assert ask_for(job_kinds.make_file, keeps=True) != first


@pytest.mark.parametrize(("most", "whose"), [(MOST_OF_ONE, "one"), (MOST_OF_VISITORS, "visitors")])
def test_a_flood_is_refused(most, whose):
    owner = UserFactory() if whose == "one" else None
    for number in range(most):
        ask_for(digest=str(number), owner=owner)
    with pytest.raises(TooManyJobsError):
        ask_for(digest="more", owner=owner)
    assert ask_for(digest="more", owner=UserFactory())
    Job.objects.filter(owner=owner).update(state=State.DONE, ended_at=timezone.now())
    assert ask_for(digest="more again", owner=owner)


def test_files_go_after_a_day_with_their_jobs_and_those_that_have_none(files_root):
    job = ask_for(job_kinds.make_file)
    work_off(timezone.now)
    job.refresh_from_db()
    assert job.has_file
    now = timezone.now()
    stray = job.path.with_name("0" * 32)
    stray.write_bytes(b"half a file")
    assert forget_old(now) == 0
    assert stray.exists()
    assert forget_old(now + KEPT + timedelta(seconds=5)) == 1
    assert not Job.objects.exists()
    assert not stray.exists()


def test_a_job_that_is_forgotten_takes_its_file_with_it(
    files_root, django_capture_on_commit_callbacks
):
    job = ask_for(job_kinds.make_file)
    work_off(timezone.now)
    job.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        forget(job)
    assert not job.path.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_workers_at_once_each_takes_another_job():
    jobs = {ask_for(digest=str(number)).pk for number in range(3)}
    now = timezone.now()
    taken = at_once([lambda name=name: take(name, now) for name in ("a", "b", "c", "d")])
    assert {job.pk for job in taken if job} == jobs
    assert taken.count(None) == 1


def test_a_pulse_is_heard_for_a_minute():
    now = timezone.now()
    assert not is_at_work(WORKER, now)
    beat(WORKER, now)
    assert is_at_work(WORKER, now + SILENT_AFTER - timedelta(seconds=1))
    assert not is_at_work(WORKER, now + SILENT_AFTER)


@pytest.fixture
def owned(db, files_root, client):
    owner = UserFactory()
    client.force_login(owner)
    return ask_for(job_kinds.make_file, owner=owner, page="/admin/")


def page_of(client, job):
    return client.get(job.get_absolute_url()).content.decode()


def test_the_page_says_honestly_that_no_worker_is_there(client, owned):
    page = page_of(client, owned)
    assert "后台程序现在没有运行" in page
    assert "every 15s" in page
    beat(WORKER, timezone.now())
    page = page_of(client, owned)
    assert "正在排队" in page
    assert "every 2s" in page
    assert '<meta http-equiv="refresh" content="2">' in page


def test_the_page_counts_what_comes_first(client, owned):
    beat(WORKER, timezone.now())
    ask_for(digest="earlier", now=owned.asked_at - timedelta(seconds=1))
    assert "前面还有 1 项" in page_of(client, owned)


def test_the_page_leads_to_the_file_and_looks_no_more(client, owned):
    file = reverse("job-file", args=[owned.reference])
    assert client.get(file).status_code == 404
    work_off(timezone.now)
    page = page_of(client, owned)
    assert file in page
    assert "refresh" not in page
    assert "hx-trigger" not in page
    response = client.get(file)
    assert b"".join(response.streaming_content) == b"content"
    assert response["Cache-Control"] == "no-store"
    assert "attachment" in response["Content-Disposition"]
    owned.path.unlink()
    assert client.get(file).status_code == 404
    assert "已过期删除" in page_of(client, owned)


def test_the_page_says_what_went_wrong_and_stops(client, owned):
    Job.objects.update(kind=job_kinds.refuse.name)
    work_off(timezone.now)
    assert "没有这个文件。" in page_of(client, owned)


def test_the_owner_stops_a_job(client, owned):
    stop = reverse("job-stop", args=[owned.reference])
    assert client.get(stop).status_code == 405
    assert client.post(stop).url == owned.get_absolute_url()
    owned.refresh_from_db()
    assert owned.state == State.STOPPED


@pytest.mark.parametrize("name", ["job", "job-file", "job-stop"])
def test_a_strangers_job_is_not_found(client, owned, name):
    client.force_login(UserFactory(is_superuser=True))
    address = reverse(name, args=[owned.reference])
    assert client.post(address).status_code in (404, 405)
    assert client.get(address).status_code in (404, 405)
    Job.objects.update(owner=None)
    assert client.get(address).status_code in (404, 405)
    owned.refresh_from_db()
    assert owned.state == State.WAITING
    assert not Pulse.objects.exists()
