"""Open a report in headless Chromium and fail if it logs an error or is empty.

Usage: open_report.py FILE.html
"""

import pathlib
import re
import subprocess
import sys
import tempfile

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--enable-logging=stderr", "--v=0", "--virtual-time-budget=5000",
]


def main() -> None:
    page = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as profile:
        run = subprocess.run(
            ["chromium", *FLAGS, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()],
            capture_output=True, text=True, timeout=120, check=True,
        )
    errors = [line for line in run.stderr.splitlines() if "CONSOLE" in line and "rror" in line]
    if errors:
        sys.exit("\n".join(errors))
    if re.search(r"""(src|href)=["']https?://""", re.sub(r"<a [^>]*>", "", run.stdout)):
        sys.exit(f"{page}: loads something from the network")
    figures = run.stdout.count("<svg")
    if figures == 0:
        sys.exit(f"{page}: no figure")
    print(f"{page.name}: {len(run.stdout)} bytes, {figures} figures, no console error")


if __name__ == "__main__":
    main()
