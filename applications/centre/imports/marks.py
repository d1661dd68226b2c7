"""What is found in rows of data only, whatever the columns say."""

import re

CASE_NUMBER = re.compile(r"\d{6}-\d{4}-\d{4,}", re.ASCII)
CREDIT_CODE = re.compile(r"[0-9A-Za-z]{18}", re.ASCII)
BATCH_NUMBER = re.compile(r"\d{6}-ZF\d{4}-\d{4,}", re.ASCII)
