"""The units as systemd itself starts, stops and watches them, on a machine installed by the README."""

import re
import time

import pytest

from portal.management.commands.backup import IS_OFF
from portal.management.commands.daily import COMMAND_FAILED
from tests.processes import wait_until
from tests.service.fill import PASSWORD

pytestmark = pytest.mark.night
COMMANDS = ("portal-worker", "portal-send-waiting")
SERVICES = ("portal-web", *COMMANDS)
TIMERS = ("portal-backup.timer", "portal-daily.timer")
HEALTHY = "set -a; . ./.env.service; .venv/bin/python .service/healthy"


def is_active(machine, unit):
    return machine.state(unit)["ActiveState"] == "active"


def pid(machine, unit):
    return machine.state(unit)["MainPID"]


def test_systemd_finds_nothing_wrong_with_any_unit(machine):
    units = machine.shell("cd /etc/systemd/system && ls -d portal*.{target,service,timer}").split()
    assert len(units) == 8
    done = machine.run(
        "systemd-analyze", "verify", *(f"/etc/systemd/system/{unit}" for unit in units)
    )
    assert done.stdout + done.stderr == ""


def test_the_target_starts_all_and_each_is_healthy(machine):
    for unit in (*SERVICES, *TIMERS):
        assert is_active(machine, unit), machine.journal(unit)
    assert machine.run("systemctl", "--failed", "--plain", "--no-legend").stdout == ""
    for name in ("", "worker", "send_waiting"):
        machine.shell(f"{HEALTHY} {name}")


def test_health_says_what_is_not_at_work(machine):
    done = machine.run(
        "bash", "-c", "WEB_ADDRESS=127.0.0.1:9 .venv/bin/python .service/healthy", check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("网站没有应答")


@pytest.mark.parametrize("unit", SERVICES)
def test_a_unit_reaches_nothing_but_its_data(machine, unit):
    number = pid(machine, unit)
    status = dict(
        re.split(r":\s+", line, maxsplit=1)
        for line in machine.shell(
            f"grep -E '^(Uid|NoNewPrivs|CapEff|CapBnd|Seccomp):' /proc/{number}/status"
        ).splitlines()
    )
    assert status["Uid"].split()[1] == machine.shell("id -u portal").strip()
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    for path, may in (
        ("/opt/portal/.data/x", True),
        ("/tmp/x", True),
        ("/opt/portal/x", False),
        ("/etc/x", False),
        ("/var/x", False),
    ):
        done = machine.run("nsenter", "-t", number, "-m", "touch", path, check=False)
        assert (done.returncode == 0) is may, path
    assert machine.run("test", "-e", "/tmp/x", check=False).returncode == 1


@pytest.mark.parametrize("unit", SERVICES)
def test_what_is_killed_comes_back(machine, unit):
    before = pid(machine, unit)
    machine.run("systemctl", "kill", "--signal=KILL", unit)
    wait_until(lambda: is_active(machine, unit) and pid(machine, unit) not in (before, "0"))


@pytest.mark.parametrize("unit", COMMANDS)
def test_what_hangs_is_started_anew(machine, unit):
    folder = f"/run/systemd/system/{unit}.service.d"
    machine.shell(
        f"mkdir -p {folder}; printf '[Service]\\nWatchdogSec=15\\n' > {folder}/soon.conf; systemctl daemon-reload; systemctl restart {unit}"
    )
    before = machine.state(unit)
    time.sleep(25)
    assert machine.state(unit) == before
    machine.shell(f"kill -STOP {before['MainPID']}")
    wait_until(
        lambda: is_active(machine, unit) and pid(machine, unit) not in (before["MainPID"], "0")
    )
    assert "Watchdog timeout" in machine.journal(unit)


def test_without_the_database_all_wait_and_go_on_by_themselves(machine):
    before = {unit: pid(machine, unit) for unit in SERVICES}
    machine.run("systemctl", "stop", "postgresql@15-main")
    try:
        for unit in COMMANDS:
            wait_until(lambda unit=unit: "no database" in machine.journal(unit))
        told = machine.run("bash", "-c", HEALTHY, check=False)
        assert "网站连不上数据库" in told.stderr
    finally:
        machine.run("systemctl", "start", "postgresql@15-main")
    for name in ("", "worker", "send_waiting"):
        machine.shell(f"{HEALTHY} --wait 120 {name}")
    assert {unit: pid(machine, unit) for unit in SERVICES} == before


def test_the_day_is_tidied_once_and_the_timer_knows_when(machine):
    # Its timer may have found the database away, above: then it waits before it tries again.
    machine.run("systemctl", "stop", "portal-daily")
    machine.run("systemctl", "start", "portal-daily")
    assert machine.state("portal-daily", "Result")["Result"] == "success"
    machine.shell(f"{HEALTHY} daily")
    told = machine.run("systemctl", "show", "-p", "TimersCalendar", "portal-daily.timer").stdout
    # In the year of this test China has no summer time: five o'clock is nine in the evening before.
    assert re.search(r"next_elapse=\w+ [\d-]+ 21:00:00 UTC", told), told
    unit = machine.state("portal-daily", "RestartPreventExitStatus")
    assert unit["RestartPreventExitStatus"] == str(COMMAND_FAILED)


def backed_up(machine):
    """Start the backup of the night; how its unit ended."""
    machine.run("systemctl", "start", "portal-backup", check=False)
    ended = machine.state("portal-backup", "Result", "ExecMainStatus")
    return ended["Result"], int(ended["ExecMainStatus"])


def test_the_backup_of_the_night_is_made_and_the_timer_knows_when(machine):
    assert backed_up(machine) == ("success", 0), machine.journal("portal-backup")
    assert "完好" in machine.manage("verify_backup", "/srv/backups")
    assert "备份做好并核对过" in machine.journal("portal-backup")
    told = machine.run("systemctl", "show", "-p", "TimersCalendar", "portal-backup.timer").stdout
    assert re.search(r"next_elapse=\w+ [\d-]+ 18:30:00 UTC", told), told


def test_a_backup_that_fails_is_seen_and_one_that_nobody_wants_is_none(machine):
    whole = machine.shell("ls /srv/backups")
    machine.shell("chown root: /srv/backups")
    try:
        assert backed_up(machine) == ("exit-code", 1)
        assert "portal-backup" in machine.run("systemctl", "--failed", "--plain").stdout
        assert "不能读写" in machine.journal("portal-backup")
    finally:
        machine.shell("chown portal /srv/backups")
    folder = "/run/systemd/system/portal-backup.service.d"
    machine.shell(
        f"mkdir -p {folder}; echo BACKUP_FOLDER= > /run/off.env;"
        f" printf '[Service]\\nEnvironmentFile=/run/off.env\\n' > {folder}/off.conf;"
        " systemctl daemon-reload"
    )
    try:
        assert backed_up(machine) == ("success", IS_OFF)
        assert "没有设置 BACKUP_FOLDER，没有备份" in machine.journal("portal-backup")
    finally:
        machine.shell(f"rm -r {folder}; systemctl daemon-reload")
    assert machine.shell("ls /srv/backups") == whole


def test_pages_come_before_what_runs_beside_them(machine):
    def weights(unit):
        shown = machine.state(unit, "CPUWeight", "IOWeight")
        # What is not said is 100 each.
        return [int(shown[name]) if shown[name] != "[not set]" else 100 for name in sorted(shown)]

    web = weights("portal-web")
    for unit in ("portal-worker", "portal-daily", "portal-backup"):
        assert all(own < of_web for own, of_web in zip(weights(unit), web, strict=True)), unit


def test_a_request_that_runs_is_finished_before_the_web_server_ends(machine):
    firm = machine.fill("firm")
    script = rf"""
        cd /tmp; rm -f told; touch told; address=http://127.0.0.1:8000
        # What is set as secure curl keeps from HTTPS only; here a proxy is played.
        cookies() {{ tac told | awk -F= '!seen[$1]++' | paste -sd';'; }}
        ask() {{ curl -sS -D heads -b "csrf=;$(cookies)" -H 'Host: portal.example.cn' -H 'X-Forwarded-Proto: https' \
            -H 'X-Real-IP: 192.0.2.1' -H 'Referer: https://portal.example.cn/' "$@"
            sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\).*/\1/p' heads >> told; }}
        token() {{ ask "$address$1" | grep -oP 'csrfmiddlewaretoken" value="\K\w+' | head -1; }}
        first=$(token /account/login/)
        ask -o /dev/null -F csrfmiddlewaretoken=$first -F login={firm["login"]} -F password={PASSWORD} $address/account/login/
        second=$(token /enterprise/files/)
        {{ printf '%%PDF-1.4\n'; head -c 3000000 /dev/zero; }} > slow.pdf
        ask -o /dev/null -w '%{{http_code}}' --limit-rate 300k -F csrfmiddlewaretoken=$second -F file=@slow.pdf $address/enterprise/files/ > code &
        sleep 4
        systemctl stop portal-web
        wait
        cat code
        """
    try:
        assert machine.shell(script).strip() == "302"
    finally:
        machine.run("systemctl", "start", "portal-web")
    kept = machine.shell("find /opt/portal/.data -size 3000009c -type f")
    assert len(kept.split()) == 1
    assert "Traceback" not in machine.journal("portal-web")


def test_stopping_the_target_stops_all_in_order(machine):
    machine.run("systemctl", "stop", "portal.target")
    ended = {"ActiveState": "inactive", "Result": "success"}
    for unit in SERVICES:
        wait_until(lambda unit=unit: machine.state(unit, "ActiveState", "Result") == ended)
    assert not any(is_active(machine, timer) for timer in TIMERS)
