"""Opening an account: an address asks for a letter; whoever opens it says for which firm."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from allauth.decorators import rate_limit
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters

from applications.enterprises.models import Claim
from applications.enterprises.services.memberships import MembershipError
from applications.firm.forms.accounts import SignUpForm
from applications.firm.registered import go_on
from applications.firm.sign_up_letters import address_of, send_letter
from portal.accounts.forms import AccountExistsError, AskToSignUpForm
from portal.accounts.letters import TooManyLettersError, has_account
from portal.public_pages import private
from portal.refusals import leads_nowhere


@rate_limit(action="signup")
@private
def ask(request: HttpRequest) -> HttpResponse:
    """Send the letter; the answer is the same whether or not the address has an account."""
    if request.user.is_authenticated:
        return redirect(get_adapter().get_login_redirect_url(request))
    data = request.POST if request.method == "POST" else None
    form = AskToSignUpForm(data)
    if data is not None and form.is_valid():
        try:
            send_letter(request, form.cleaned_data["email"])
        except TooManyLettersError as error:
            form.add_error("email", str(error))
        else:
            return redirect("account_email_verification_sent")
    return render(request, "account/signup.html", {"form": form})


def closed_page(request: HttpRequest) -> HttpResponse:
    return render(request, "firm/sign_up_closed.html", status=410)


class FinishSignUpView(SignupView):
    """The firm and the password, said by whoever opened the letter."""

    template_name = "firm/sign_up.html"
    address: str

    @method_decorator(sensitive_post_parameters("password1", "password2"))
    @method_decorator(private)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        address = address_of(kwargs["key"])
        if address is None or has_account(address):
            return closed_page(request)
        self.address = address
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[SignUpForm]:
        return SignUpForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "address": self.address}

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        get_adapter().stash_verified_email(self.request, self.address)
        try:
            response = super().form_valid(form)
        except (AccountExistsError, IntegrityError, MembershipError) as error:
            get_adapter().unstash_verified_email(self.request)
            is_twice = has_account(self.address) and not leads_nowhere(error)
            if not is_twice:
                raise
            # Sent twice: the first has made the account.
            return closed_page(self.request)
        if self.request.user.is_authenticated:
            go_on(self.request, Claim.objects.get(user=self.request.user))
        return response
