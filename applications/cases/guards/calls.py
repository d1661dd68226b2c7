"""A case belongs to the call that ran when it was handed in, and a call with cases stays."""

from portal.guards import Guard

CALL_FITS = "申报应在征集开放的时间里提交，征集应是这个项目的。"
COUNTY_IS_OVER = "这个县的企业按县里定的截止日提交，已经过了。"
CALL_IS_MISSING = "这个项目按征集受理，申报要在征集开放的时间里提交。"
CALL_HAS_CASES = "已有申报按这次征集提交，不能撤回；要停止受理，请改截止日。"

_does_not_run = (
    "NEW.call_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM catalogue_call AS own"
    " JOIN catalogue_edition AS edition ON edition.programme_id = own.programme_id"
    " WHERE own.id = NEW.call_id AND edition.id = NEW.edition_id AND own.status = 'open'"
    ' AND own.opens_on <= NEW."on" AND (own.closes_on IS NULL OR own.closes_on >= NEW."on"))'
)
_is_called_for = (
    "NEW.call_id IS NULL AND EXISTS (SELECT 1 FROM catalogue_call AS own"
    " JOIN catalogue_edition AS edition ON edition.programme_id = own.programme_id"
    " WHERE edition.id = NEW.edition_id AND own.status = 'open')"
)
_is_over_in_its_county = (
    "EXISTS (SELECT 1 FROM catalogue_countylastday AS own WHERE own.call_id = NEW.call_id"
    ' AND own.county_id = NEW.county_id AND own.last_day < NEW."on"'
    " AND NOT EXISTS (SELECT 1 FROM catalogue_countylastday AS newer WHERE newer.id > own.id"
    " AND newer.call_id = own.call_id AND newer.county_id = own.county_id))"
)
_withdrawn_with_cases = (
    "OLD.status <> 'withdrawn' AND NEW.status = 'withdrawn'"
    " AND EXISTS (SELECT 1 FROM cases_application WHERE call_id = OLD.id)"
)

GUARDS = (
    Guard("cases_application", "INSERT", _does_not_run, CALL_FITS, "call"),
    Guard("cases_application", "INSERT", _is_called_for, CALL_IS_MISSING, "no_call"),
    Guard("cases_application", "INSERT", _is_over_in_its_county, COUNTY_IS_OVER, "county"),
    Guard("catalogue_call", "UPDATE", _withdrawn_with_cases, CALL_HAS_CASES),
)
