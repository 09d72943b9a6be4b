"""Results as TAP: takes checks, prints a line for each as it ends."""

import contextlib
import time
import traceback


class Tap:
    """Counts checks. One that fails is reported with its reason, and the next one runs."""

    def __init__(self):
        self.count = 0
        self.failed = 0
        print("TAP version 13", flush=True)

    @contextlib.contextmanager
    def check(self, name):
        """One check: what is inside the `with` may raise. `say` in it adds what was measured."""
        self.count += 1
        said = []
        begin = time.monotonic()
        try:
            yield said.append
            verdict = "ok"
        except Exception as error:  # Whatever went wrong, this check failed and the others have their turn.
            verdict = "not ok"
            self.failed += 1
            said.append(f"{type(error).__name__}: {error}")
            said.append(traceback.format_exc())
        print(f"{verdict} {self.count} - {name} # {time.monotonic() - begin:.1f} s")
        for text in said:
            for line in str(text).splitlines():
                print(f"  # {line}")
        print(end="", flush=True)

    def end(self):
        """Prints the plan; gives the exit status."""
        print(f"1..{self.count}", flush=True)
        return 1 if self.failed or not self.count else 0


def until(seconds, ask, what):
    """Asks until the answer is true, and gives it; fails with the last answer, or the last exception, after a time."""
    end = time.monotonic() + seconds
    while True:
        last = None
        try:
            answer = ask()
            if answer:
                return answer
            last = answer
        except Exception as error:  # Not there yet.
            last = error
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not after {seconds} seconds; last: {last!r}")
        time.sleep(0.3)
