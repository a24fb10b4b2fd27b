"""Execute the notebooks against one experiment.

Usage: run_notebooks.py EXP [--results DIR] [--out DIR] [--keep]

Each notebook of experiments/notebooks runs with papermill in a fresh kernel; a
failing cell fails the run. EXP and DIR are written into its cell tagged
"parameters", which so shows what its outputs were made from; a notebook that
names neither makes its own tables. What the cell tagged "answer" shows is copied
below the question in the first cell. Executed notebooks go to
RESULTS/EXP/notebooks, and with --keep also, without timings, over the originals.
"""

import argparse
import json
import os
import pathlib
import re
import sys
import tempfile

import nbformat
import papermill

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "experiments" / "notebooks"
MAX_BYTES = 3 << 20  # of all notebooks that are kept


def tagged(notebook: nbformat.NotebookNode, tag: str) -> nbformat.NotebookNode:
    """The cell with a tag."""
    return next(c for c in notebook.cells if tag in c.metadata.get("tags", []))


def parametrise(notebook: nbformat.NotebookNode, values: dict[str, str]) -> bool:
    """Write values into the parameters cell; whether it has any of them."""
    cell = tagged(notebook, "parameters")
    found = 0
    for name, value in values.items():
        cell.source, n = re.subn(rf'^{name} = ".*?"', lambda _: f"{name} = {json.dumps(value)}", cell.source, flags=re.MULTILINE)
        found += n
    return found > 0


def fill(notebook: nbformat.NotebookNode, origin: str) -> None:
    """Put the answer under the question."""
    question = notebook.cells[0].source.splitlines()[0]
    answer = "".join(o.data["text/markdown"] for o in tagged(notebook, "answer").outputs if "text/markdown" in o.get("data", {}))
    notebook.cells[0].source = f"{question}\n\n**Answer** (computed below{origin}): {answer}"


def tidy(notebook: nbformat.NotebookNode) -> None:
    """Drop what differs from run to run without saying anything."""
    notebook.metadata.pop("papermill", None)
    notebook.metadata.language_info = {"name": "python"}
    for i, cell in enumerate(notebook.cells):
        cell.id = f"cell-{i:02d}"
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})


def execute(path: pathlib.Path, experiment: str, results: pathlib.Path, out: pathlib.Path) -> nbformat.NotebookNode:
    notebook = nbformat.read(path, as_version=4)
    folder = "" if results == ROOT / "results" else os.path.relpath(results, SOURCE)
    uses = parametrise(notebook, {"experiment": experiment, "results": folder})
    with tempfile.TemporaryDirectory() as scratch:
        given, executed = pathlib.Path(scratch) / path.name, pathlib.Path(scratch) / f"executed-{path.name}"
        nbformat.write(notebook, given)
        papermill.execute_notebook(given, executed, kernel_name="python3", cwd=SOURCE, progress_bar=False, log_output=False)
        notebook = nbformat.read(executed, as_version=4)
    fill(notebook, f", from `{experiment}`" if uses else "")
    out.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, out / path.name)
    return notebook


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment")
    parser.add_argument("--results", type=pathlib.Path, default=ROOT / "results")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    results = args.results.resolve()
    out = args.out or results / args.experiment / "notebooks"
    total = 0
    for path in sorted(SOURCE.glob("*.ipynb")):
        notebook = execute(path, args.experiment, results, out)
        print(f"{path.name}: {notebook.cells[0].source.splitlines()[2][:160]}", flush=True)
        tidy(notebook)
        text = nbformat.writes(notebook)
        total += len(text.encode())
        if str(ROOT) in text:
            sys.exit(f"{path.name}: an output names a folder of this machine: {ROOT}")
        if args.keep:
            path.write_text(text + "\n")
    if args.keep and total > MAX_BYTES:
        sys.exit(f"the notebooks are {total} bytes, more than {MAX_BYTES}")
    print(f"{total} bytes of notebooks; executed ones are in {out}")


if __name__ == "__main__":
    main()
