"""Pages of accounts that do more than django-allauth's."""

from typing import Any

from allauth.account.views import PasswordResetFromKeyView, password_change
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse

from portal.guessing import forget_guesses
from portal.known_devices import remember_device
from portal.second_factor.fresh import fresh_factor_required

change_password = login_required(fresh_factor_required(password_change))


class NewPasswordView(PasswordResetFromKeyView):
    """Whoever reads the account's mail is its owner: guesses of strangers keep them out no more."""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        forget_guesses("password", self.reset_user)
        remember_device(self.request, response, self.reset_user)
        return response
