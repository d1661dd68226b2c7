"""Files that leave the site in a ZIP which tells later whether anything of it was changed.

Beside the files lie a manifest, with the digest of each, and its seal: an HMAC by the site's own key.
`writing` makes one, `checking` looks at one that comes back, in the process that `reading` is.
"""
