"""Take the picture of the dashboard that the README shows: the demo, in a real browser, as wide as a screen."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

TALLY = Path(sys.executable).with_name("tally")
WIDE, HIGH = 1320, 1600
ALL_DRAWN = "document.querySelectorAll('figure[data-chart]:not([data-drawn])').length === 0"


def main(file: str) -> None:
    """Serve the demo on a free port, and write what Chromium shows of it into a PNG file."""
    chromium = os.environ.get("TALLY_CHROMIUM") or shutil.which("chromium")
    served = subprocess.Popen(
        [TALLY, "demo", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TALLY_TIMEZONE": "Europe/Berlin"},
    )
    try:
        assert served.stdout is not None
        found = re.search(r"http://\S+/", served.stdout.readline())
        assert found is not None
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": WIDE, "height": HIGH}, color_scheme="light")
            page.goto(found[0])
            while not page.evaluate(ALL_DRAWN):
                page.wait_for_timeout(100)
            page.screenshot(path=file)
            browser.close()
    finally:
        served.terminate()
        served.wait()


if __name__ == "__main__":
    main(sys.argv[1])
