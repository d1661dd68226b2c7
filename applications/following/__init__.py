"""Who asked to be told of programmes, and what they are told; see `news` and `letters`."""
