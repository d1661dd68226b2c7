"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import TemplateView

from portal.health import healthz, ready
from portal.monitoring.views import metrics

handler400 = "portal.error_pages.bad_request"
handler403 = "portal.error_pages.permission_denied"
handler404 = "portal.error_pages.page_not_found"
handler429 = "portal.public_pages.too_many_requests"
handler500 = "portal.error_pages.server_error"
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("healthz/ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", TemplateView.as_view(template_name="robots.txt", content_type="text/plain")),
    path("admin/desk/", include("applications.centre.urls")),
    path("admin/", admin.site.urls),
    path("account/", include("portal.accounts.urls")),
    path("jobs/", include("portal.jobs.urls")),
    path("account/sign-up/", include("applications.firm.sign_up_urls")),
    path("", include("policies.self_check.urls")),
    path("", include("policies.pages.urls")),
    path("", include("applications.following.urls")),
    path("", include("applications.notices.urls")),
    path("", include("applications.cases.urls")),
    path("", include("applications.firm.urls")),
]
