"""The page of a programme as everybody will see it once a draft is published: for its editors only."""

from copy import copy
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from policies.catalogue.content import digest_of, edition_content, with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import terms_of
from policies.catalogue.models import Edition
from policies.pages.views.programmes import programme_page
from policies.presentation.edition_state import told_editions
from portal.public_pages import private

TO_BE_GIVEN = "原因由编辑在提交审核时写明"


@private
def preview(request: HttpRequest, draft: Edition, today: date, back: str) -> HttpResponse:
    """On the day that it begins, or today where that is past. Nothing is saved."""
    row = copy(draft)
    row.status = Edition.Status.PUBLISHED
    # Under this digest its content is kept in memory, as that of a published one would be.
    content = edition_content(with_content(Edition.objects.filter(pk=draft.pk)).get())
    row.digest = digest_of(content)
    editions = [_beside(each, draft) for each in told_editions(draft.programme_id)]
    for each, ends in terms_of([row, *(each for each in editions if each.is_standing)]):
        each.ends = ends
    editions = sorted([row, *editions], key=lambda each: (each.effective_from, each.pk))[::-1]
    compiled = Catalogue().pinned_edition(draft)
    on = max(draft.effective_from, today)
    return programme_page(request, row, editions, on, draft=compiled, back=back)


def _beside(edition: Edition, draft: Edition) -> Edition:
    """A published edition as it will be beside the draft."""
    if edition.pk == draft.corrects_id:
        edition.status, edition.reason = Edition.Status.CORRECTED, TO_BE_GIVEN
        edition.closed_at = timezone.now()
    return edition
