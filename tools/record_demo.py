"""Record a terminal session as SVG for the README.

Usage: record_demo.py RUNEXP OUT.svg

Runs the commands below against results that exist and draws what they print,
as text that can be selected, in colours that suit a light and a dark page.
"""

import html
import pathlib
import shlex
import subprocess
import sys

COMMANDS = [
    "runexp plan quick",
    "runexp cat results/quick/operating_point.parquet --where cpu_platform=skylake --where engine=reference --where accel_platform=gtx1080ti"
    " --where policy=deeprecsched --columns model,batch_size,offload_threshold,max_qps,gain_over_static",
    "runexp sim --service exp:2ms --cores 4 --rate 1500 --queries 200000",
]
COLUMNS, LINE, CHAR, PAD = 100, 18, 7.83, 16

STYLE = """
  .page { fill: #f6f5f1; } text { font: 13px ui-monospace, 'Liberation Mono', Menlo, Consolas, monospace; fill: #222; white-space: pre; }
  .prompt { fill: #17766d; font-weight: bold; } .typed { font-weight: bold; }
  @media (prefers-color-scheme: dark) { .page { fill: #26251f; } text { fill: #eae8e3; } .prompt { fill: #5cc4b6; } }
"""


def wrapped(command: str) -> list[str]:
    """The command in lines that end in a backslash."""
    lines, line = [], ""
    for word in command.split(" "):
        if line and len(line) + len(word) > COLUMNS - 6:
            lines.append(line + " \\")
            line = "   "
        line = f"{line} {word}" if line else word
    return [*lines, line]


def session(runexp: str) -> list[tuple[str, str]]:
    """Lines with what each is: typed, or printed."""
    out = []
    for command in COMMANDS:
        out += [("typed", line) for line in wrapped(command)]
        run = subprocess.run([runexp, *shlex.split(command)[1:]], capture_output=True, text=True, check=True)
        out += [("", line[:COLUMNS]) for line in run.stdout.rstrip().splitlines()] + [("", "")]
    return out[:-1]


def drawn(lines: list[tuple[str, str]]) -> str:
    width, height = round(COLUMNS * CHAR + 2 * PAD), len(lines) * LINE + 2 * PAD
    rows = []
    for i, (kind, text) in enumerate(lines):
        first = kind == "typed" and not text.startswith("    ")
        prompt = '<tspan class="prompt">$ </tspan>' if first else ""
        rows.append(f'<text x="{PAD}" y="{PAD + LINE * i + 13}" class="{kind}" xml:space="preserve">{prompt}{html.escape(text)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">\n'
            f"<title>A terminal session: {html.escape('; '.join(c.split(' --')[0] for c in COMMANDS))}</title>\n<style>{STYLE}</style>\n"
            f'<rect class="page" width="{width}" height="{height}" rx="6"/>\n' + "\n".join(rows) + "\n</svg>\n")


def main() -> None:
    runexp, out = sys.argv[1], pathlib.Path(sys.argv[2])
    out.write_text(drawn(session(runexp)))
    print(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
