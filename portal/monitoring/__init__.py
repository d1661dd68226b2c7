"""What the operator sees of the site in service: its log, line by line, and its metrics.

`requests` gives each request a number, `context` knows it while the request is answered, `lines`
writes what is logged as JSON and `personal` takes out of it what somebody sent. `metrics` counts
requests, `gauges` reads at each scrape how things stand, `views` shows both to whoever has the token.
"""
