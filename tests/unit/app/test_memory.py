"""The request is the process' own and is inherited: seen in a program that is started afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

ASKED = """
import subprocess, sys
from treadcoach.app.memory import no_huge_pages
no_huge_pages()
subprocess.run([sys.executable, "-c", "print(open('/proc/self/status').read())"], check=True)
"""


def test_programs_that_are_started_have_no_huge_pages() -> None:
    if "THP_enabled" not in Path("/proc/self/status").read_text(encoding="utf-8"):
        pytest.skip("this system does not say whether a process may have huge pages")
    done = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=True)
    assert "THP_enabled:\t0" in done.stdout
