"""An app that shows codes, for the tests: what a telephone would do."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.urls import reverse

from tests.factories import PASSWORD, hashed

STEP = 30  # seconds that a code is shown
LOGIN, CHECK_LOGIN = reverse("account_login"), reverse("mfa_authenticate")


def give_app(user):
    """An app of somebody who has a password and recovery codes too."""
    user.password = hashed(PASSWORD)
    user.save(update_fields=["password"])
    RecoveryCodes.activate(user)
    return TOTP.activate(user, generate_totp_secret()).instance


def code_of(app):
    """A code that the app shows about now and that was not used yet."""
    app.refresh_from_db()
    now = int(time.time()) // STEP
    counter = max(now - 1, app.data.get("last_counter", 0) + 1)
    assert counter <= now + 1, "no unused code: move the clock"
    return shown(decrypt(app.data["secret"]), counter)


def shown(secret, counter=None):
    counter = int(time.time()) // STEP if counter is None else counter
    return format_hotp_value(hotp_value(secret, counter))


def wrong_code(app):
    """Six digits that the app does not show about now."""
    now, secret = int(time.time()) // STEP, decrypt(app.data["secret"])
    right = {shown(secret, now + step) for step in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)


def codes_for_recovery(user):
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return row.wrap().get_unused_codes()


def log_in(client, user, app=None, login=None, **more):
    """By password, and by a code of the app; the last answer."""
    typed = {"login": login or user.username, "password": PASSWORD, **more}
    response = client.post(LOGIN, typed)
    if app is None:
        return response
    assert response.url == CHECK_LOGIN, response.url
    return client.post(CHECK_LOGIN, {"code": code_of(app)})
