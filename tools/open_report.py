"""Open a report in headless Chromium and use it as a reader would.

Usage: open_report.py RUNEXP FILE.html [--shots DIR]

It fails if the page logs an error, asks the network for anything, scrolls
sideways or overlaps itself at phone, tablet or desktop width, cannot be sorted,
filtered or walked through by keyboard, has a control without a name, loses
columns or its headings on paper, leans on a file beside it, or if the simulator
in the page disagrees with `runexp sim` by more than 1e-9.
"""

import argparse
import contextlib
import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = (390, 820, 1280)
TOLERANCE = 1e-9
VIEWS = [(w, scheme) for w in WIDTHS for scheme in ("light", "dark")]
PAPER = {"auto": 703, "sideways": 1047}  # of A4 between the margins of page.css, upright and on its side, in CSS pixels
# Ends when the explorer has answered the last change. The page's own policy
# forbids the eval that Playwright's waiting would use.
ANSWERED = """() => new Promise((done) => {
    const look = () => (document.getElementById('explorer').getAttribute('aria-busy') === 'false' ? done() : setTimeout(look, 5));
    look();
})"""
SLOWEST_MS = 1000  # of an answer of the explorer, on a busy machine
MOST_SHEETS = 45


def check(ok: bool, text: str) -> None:
    if not ok:
        sys.exit(f"report: {text}")


@contextlib.contextmanager
def opened(browser: Browser, url: str, **options: object) -> Iterator[Page]:
    """A page that fails the test by what it logs or asks for."""
    context = browser.new_context(**options)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(f"console: {m.text}") if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: faults.append(f"script: {e}"))
    page.on("request", lambda r: faults.append(f"request: {r.url[:120]}") if not r.url.startswith((url.split("#")[0], "blob:")) else None)
    page.goto(url)
    yield page
    context.close()
    check(not faults, "; ".join(faults))


def layout(page: Page, width: int) -> None:
    """Nothing wider than the window, sections one below the other in order."""
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(sideways <= 0, f"at {width} px the page scrolls sideways by {sideways} px")
    wide = page.evaluate("""() => [...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll, pre, svg') && e.getClientRects().length
        && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + '.' + e.className + '#' + e.id).slice(0, 5)""")
    check(not wide, f"at {width} px these reach past the edge: {wide}")
    boxes = page.evaluate("""() => [...document.querySelectorAll('header, main > section, main > section > figure')].map(e => {
        const r = e.getBoundingClientRect(); return [e.id || e.tagName, r.top, r.bottom, r.width]; })""")
    sections = [b for b in boxes if b[0] in ("HEADER", "answers", "explorer", "figures", "tables", "warnings", "provenance")]
    for a, b in zip(sections, sections[1:]):
        check(a[2] <= b[1] + 1, f"at {width} px {a[0]} overlaps {b[0]}")
    for name, top, bottom, w in boxes:
        check(bottom - top > 20 and w > 0.8 * min(width, 1000) - 40, f"at {width} px {name} is {w:.0f} x {bottom - top:.0f} px")


def sorting(page: Page) -> None:
    """By mouse and by keyboard, numbers by value."""
    table = page.locator("table:has(th button)").first
    column = table.evaluate("t => [...t.tHead.rows[0].cells].findIndex(c => c.classList.contains('n'))")
    head = table.locator("thead th").nth(column)
    values = lambda: table.evaluate("(t, i) => [...t.tBodies[0].rows].map(r => Number(r.cells[i].dataset.v ?? r.cells[i].textContent))", column)
    head.locator("button").click()
    check(head.get_attribute("aria-sort") == "ascending" and values() == sorted(values()), "a click does not sort upwards")
    head.locator("button").focus()
    page.keyboard.press("Enter")
    check(head.get_attribute("aria-sort") == "descending" and values() == sorted(values(), reverse=True), "Enter does not sort downwards")


def filtering(page: Page) -> None:
    field = page.locator(".filter input").first
    page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
    table = field.locator("xpath=../following-sibling::*[1]//table")
    rows = table.locator("tbody tr")
    first, count = rows.first.locator("td").first.inner_text(), rows.count()
    field.fill(first)
    shown = rows.filter(visible=True)
    check(0 < shown.count() <= count and first in shown.first.inner_text(), f"the filter {first!r} shows {shown.count()} of {count} rows")
    field.fill("no such word")
    check(shown.count() == 0, "a filter that fits nothing leaves rows")
    check("0 of" in page.locator(".filter output").first.inner_text(), "the count does not follow the filter")
    field.fill("")
    check(shown.count() == count, "an empty filter hides rows")


def reading(page: Page) -> None:
    """What a keyboard and a screen reader meet."""
    page.keyboard.press("Tab")
    check(page.evaluate("document.activeElement.className") == "skip", "the first stop is not the link that skips to the answers")
    nameless = page.evaluate("""() => [...document.querySelectorAll('button, input, select, summary, a, [role=img], [role=region], table')].filter(e =>
        !(e.getAttribute('aria-label') || e.textContent || (e.labels && e.labels.length && e.labels[0].textContent) || '').trim()).map(e => e.outerHTML.slice(0, 80))""")
    check(not nameless, f"without a name: {nameless}")
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(h => Number(h.tagName[1]))")
    jumps = [pair for pair in zip(levels, levels[1:]) if pair[1] > pair[0] + 1]
    check(levels.count(1) == 1 and not jumps, f"headings jump: {jumps}")
    loose = page.evaluate("[...document.querySelectorAll('th:not([scope])')].length")
    check(loose == 0, f"{loose} header cells do not say what they head")
    for width in (WIDTHS[0], WIDTHS[-1]):  # a box is a stop of the keyboard while it scrolls, and only then
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        wrong = page.evaluate("""() => [...document.querySelectorAll('.scroll')].filter(b => {
            const scrolls = b.scrollWidth > b.clientWidth;
            return b.hasAttribute('tabindex') !== scrolls || (b.getAttribute('role') === 'region') !== scrolls || Boolean(b.getAttribute('aria-label')) !== scrolls;
        }).map(b => b.textContent.trim().slice(0, 40))""")
        check(not wrong, f"at {width} px these are landmarks without need, or scroll without being one: {wrong}")


def alone(page: Page) -> None:
    """Nothing on the page needs the folder that it came from."""
    outside = page.evaluate("[...document.querySelectorAll('a')].map(a => a.getAttribute('href')).filter(h => !h.startsWith('#') || !document.getElementById(h.slice(1)))")
    check(not outside, f"these links lead out of the file, or nowhere: {outside}")
    page.locator(".data summary").first.click()
    with page.expect_download() as saved:
        page.locator(".data button").first.click()
    name, text = saved.value.suggested_filename, saved.value.path().read_text()
    drawing = xml.etree.ElementTree.fromstring(text)
    check(name.endswith(".svg") and drawing.tag == "{http://www.w3.org/2000/svg}svg" and len(drawing) > 0, f"what is saved as {name} is no drawing")
    check("var(" not in text, f"{name} has colours that only the page knows")


def printing(page: Page) -> str:
    """Paper shows every column of what it shows, and the page is folded again afterwards."""
    folded = "[...document.querySelectorAll('details')].map(d => d.open).join()"
    before = page.evaluate(folded)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    for kind, width in PAPER.items():
        page.set_viewport_size({"width": width, "height": 900})
        cut = page.evaluate("""(kind) => [...document.querySelectorAll('main table, main svg')].filter(e => e.getClientRects().length
            && (e.closest('.sideways') ? 'sideways' : 'auto') === kind && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.id || e.tagName)""", kind)
        check(not cut, f"on paper these are cut off: {cut}")
    buttons = page.evaluate("[...document.querySelectorAll('thead button')].filter(b => b.getClientRects().length).length")
    check(buttons == 0, f"{buttons} headings hold a button: Chromium does not repeat them on the next sheet")
    ink = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    check(ink == ["rgb(255, 255, 255)", "rgb(34, 34, 34)"], f"a page of a dark screen is printed {ink[1]} on {ink[0]}")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    pages = len(re.findall(rb"/Type /Page\b", page.pdf(format="A4", prefer_css_page_size=True)))
    page.emulate_media(media="screen", color_scheme="light")
    check(page.evaluate(folded) == before, "the page stays unfolded after printing")
    check(pages <= MOST_SHEETS, f"the page takes {pages} sheets of paper")
    return f"{pages} sheets"


def explorer(page: Page, runexp: str, folder: pathlib.Path) -> str:
    """Answers quickly, and as runexp sim does."""
    if page.locator("#explorer").count() == 0:
        return "no explorer"
    page.locator("#explorer summary").click()
    found = lambda: page.evaluate("document.getElementById('explorer').found")
    page.evaluate(ANSWERED)
    form = page.locator("#explorer form")
    slowest = worst = 0.0
    machines = form.locator("[name=machine] option").count()
    for machine in range(machines):
        form.locator("[name=machine]").select_option(index=machine)
        for batch, threshold in ((16, 0), (200, 400)):
            if form.locator("[name=threshold]").is_enabled():
                form.locator("[name=threshold]").fill(str(threshold))
            page.evaluate(ANSWERED)
            start = page.evaluate("performance.now()")
            form.locator("[name=batch]").fill(str(batch))
            page.evaluate(ANSWERED)
            slowest = max(slowest, page.evaluate("performance.now()") - start)
            worst = max(worst, disagreement(found()["text"], page.locator("#explorer .cli").inner_text(), runexp, folder))
    check(slowest < SLOWEST_MS, f"the explorer took {slowest:.0f} ms")
    check(worst <= TOLERANCE, f"the explorer and runexp sim differ by {worst:.2g}")
    shown = lambda: page.locator("#explorer output, #explorer .cli, #explorer [data-m]").all_inner_texts()
    answered, good = shown(), form.locator("[name=rate]").input_value()
    for rate in ("-1", ""):
        form.locator("[name=rate]").fill(rate)
        page.evaluate(ANSWERED)
        check(shown()[0] == "Enter a positive rate." and set(shown()[1:]) == {"–", ""} and page.locator("#explorer svg *").count() == 0,
              f"to the rate {rate!r} the explorer says {shown()}")
    form.locator("[name=rate]").fill(good)
    page.evaluate(ANSWERED)
    check(shown() == answered, f"the explorer does not come back to {answered}, but to {shown()}")
    return f"explorer: {2 * machines} answers within {slowest:.0f} ms, {worst:.1g} from runexp sim"


def disagreement(text: str, command: str, runexp: str, folder: pathlib.Path) -> float:
    """The largest relative difference between the page's answer and the command's."""
    ours = {k: float(v) for k, v in (line.split(" ", 1) for line in text.splitlines() if not line.startswith(("cdf", "stable")))}
    words = shlex.split(command)[1:]
    words = [w.replace(f"results/{folder.name}", str(folder)) for w in words]
    run = subprocess.run([runexp, *words, "--format", "json"], capture_output=True, text=True)
    check(run.returncode == 0, f"{command}: {run.stderr}")
    theirs = json.loads(run.stdout)
    shared = [k for k in ours if theirs.get(k) is not None]
    check({"cpu_util", "achieved_qps"} <= set(shared) and ("p95_ns" in ours) == (theirs["p95_ns"] is not None), f"{command}: other measures")
    return max(abs(ours[k] - theirs[k]) / max(abs(theirs[k]), 1e-300) if ours[k] != theirs[k] else 0.0 for k in shared)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runexp")
    parser.add_argument("page", type=pathlib.Path)
    parser.add_argument("--shots", type=pathlib.Path, help="write screenshots into this folder")
    args = parser.parse_args()
    url, folder = args.page.resolve().as_uri(), args.page.resolve().parent
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        for width, scheme in VIEWS:
            with opened(browser, url, viewport={"width": width, "height": 900}, color_scheme=scheme) as page:
                layout(page, width)
                if args.shots:
                    args.shots.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=args.shots / f"{width}_{scheme}.png", full_page=True)
        with opened(browser, url, viewport={"width": 1280, "height": 900}) as page:
            reading(page)
            sorting(page)
            filtering(page)
        with opened(browser, url, viewport={"width": 1280, "height": 900}) as page:
            paper = printing(page)
            alone(page)
        with opened(browser, url, viewport={"width": 1280, "height": 900}) as page:
            simulated = explorer(page, args.runexp, folder)
            if args.shots and page.locator("#explorer").count():
                page.locator("#explorer").screenshot(path=args.shots / "explorer.png")
        with opened(browser, url, java_script_enabled=False) as page:
            check(page.locator("svg").count() > 0 and page.locator("tbody tr").count() > 0, "without scripts there is nothing to read")
        browser.close()
    print(f"{args.page.name}: {args.page.stat().st_size} bytes, sound at {WIDTHS} px in light and dark; {paper}; {simulated}")


if __name__ == "__main__":
    main()
