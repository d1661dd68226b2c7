"""A reader that takes what its file says: for the limits of readers only."""

import os
import time

from portal.reading_process import serve


def read(file):
    want = file.read().decode()
    if want == "processor":
        while True:
            pass
    if want == "clock":
        time.sleep(600)
    if want == "memory":
        return len(bytearray(10**9))
    if want == "result":
        return "x" * 10**6
    if want == "breaks":
        raise RuntimeError(want)
    if want == "child":
        os.fork()
        time.sleep(600)
    if want == "environment":
        return sorted(os.environ)
    return {"text": want, "number": 0.1}


if __name__ == "__main__":
    serve(read)
