"""The answer in words: plain Chinese, money as ranges, rows ready for a page."""
