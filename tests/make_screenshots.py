"""Look at every page in a browser: `python tests/make_screenshots.py SITE FOLDER`.

Needs Chromium, and `pip install playwright`. SITE is a built site (build/site). FOLDER
gets a picture of each page at 1,280 and 400 pixels; what is wider than its page, a
picture that is missing, a request to another host and an error are printed.
"""

import http.server
import pathlib
import shutil
import sys
import threading

from playwright.sync_api import Page, sync_playwright  # type: ignore


WIDTHS = (1280, 400)
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
WIDER = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (e) => e && e !== document.body &&
    (["auto", "scroll", "hidden"].includes(getComputedStyle(e).overflowX) ||
      scrolls(e.parentElement));
  const wide = [...document.querySelectorAll(".md-content *")]
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e));
  const gone = [...document.images].filter((i) => !i.naturalWidth);
  return [...wide.map((e) => e.outerHTML.slice(0, 90)), ...gone.map((i) => i.src)];
}"""


class Handler(http.server.SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
        del format, args


def watch(page: Page, home: str) -> None:
    """Print errors, and what is asked of another host."""
    page.on("console", lambda m: print(m.text) if m.type == "error" else None)
    page.on("requestfailed", lambda r: print("failed:", r.url))
    local = (home, "data:", "blob:")
    page.on("request", lambda r: r.url.startswith(local) or print("asked:", r.url))


def main(site: pathlib.Path, folder: pathlib.Path) -> int:
    """Look at all pages; the number of findings."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = lambda *args: Handler(*args, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home, count = f"http://127.0.0.1:{server.server_port}/", 0
    names = sorted(p.parent.relative_to(site) for p in site.rglob("index.html"))
    with sync_playwright() as play:
        where = shutil.which("chromium")
        browser = play.chromium.launch(executable_path=where, args=list(QUIET))
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 900})
            watch(page, home)
            for name in names:
                page.goto(f"{home}{name}/", wait_until="networkidle")
                for finding in page.evaluate(WIDER):
                    print(width, name, finding)
                    count += 1
                title = str(name).replace("/", "-")
                page.screenshot(path=folder / f"{width}-{title}.png", full_page=True)
        browser.close()
    print(f"{len(names)} pages at {len(WIDTHS)} widths; {count} findings")
    return count


if __name__ == "__main__":
    sys.exit(bool(main(*map(pathlib.Path, sys.argv[1:3]))))
