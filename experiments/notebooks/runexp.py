"""Open the tables of an experiment, with their units and provenance.

Its stance: pandas and SQL do the work; this module only knows where tables are,
what their columns are measured in, and how to call the runexp binary. A table
that is not there is an error that says how to make it.

Start reading at Experiment, then answer.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import pathlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import matplotlib
import pandas as pd
from cycler import cycler
from IPython.display import Markdown, display
from matplotlib.axes import Axes

ROOT = next(p for p in [pathlib.Path(__file__).resolve(), *pathlib.Path(__file__).resolve().parents] if (p / "go.mod").exists())

# Suffix of a column's name -> unit; what has none is a count, a share or a name.
UNITS = {"_ns": "ns", "_qps": "queries/s", "_ips": "items/s", "_w": "W", "_bytes": "bytes", "_size": "items", "_threshold": "items"}
OTHER_UNITS = {"max_qps": "queries/s", "max_qps_lo": "queries/s", "max_qps_hi": "queries/s", "max_ips": "items/s",
               "qps_per_watt": "queries/s/W", "qps_per_dollar": "queries/$", "flops": "FLOP", "bytes": "bytes"}


@dataclass(frozen=True)
class Sidecar:
    """Where a table came from: what stands in TABLE.parquet.json."""

    stage: str
    version: int
    action_id: str
    output_id: str
    created: str
    host: str
    measured: bool
    config: dict[str, Any]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Experiment:
    """One folder under results/."""

    name: str
    results: pathlib.Path = ROOT / "results"

    @property
    def folder(self) -> pathlib.Path:
        return pathlib.Path(self.results) / self.name

    def path(self, table: str) -> pathlib.Path:
        p = self.folder / f"{table}.parquet"
        if not p.exists():
            raise FileNotFoundError(f"{self.name}: no table {table}: runexp run {self.name} makes it")
        return p

    def has(self, table: str) -> bool:
        return (self.folder / f"{table}.parquet").exists()

    def table(self, name: str) -> pd.DataFrame:
        """The rows; df.attrs holds "units" by column and the "sidecar"."""
        df = pd.read_parquet(self.path(name))
        df.attrs["units"] = {c: unit(c) for c in df.columns if unit(c)}
        df.attrs["sidecar"] = self.sidecar(name)
        return df

    def sidecar(self, table: str) -> Sidecar:
        raw = json.loads(self.path(table).with_suffix(".parquet.json").read_text())
        return Sidecar(raw["stage"], raw["version"], raw["action_id"], raw["output_id"], raw["created"], raw.get("host", ""),
                       raw.get("measured", False), raw.get("config") or {}, tuple(raw.get("warnings") or ()))

    def sql(self, query: str, **values: Any) -> pd.DataFrame:
        """A DuckDB query; every table of the experiment is a view, $name a value."""
        with duckdb.connect() as db:
            for p in sorted(self.folder.glob("*.parquet")):
                db.execute(f"create view {p.stem} as select * from read_parquet('{p}')")
            return db.execute(query, values).df() if values else db.execute(query).df()

    def provenance(self, *tables: str) -> pd.DataFrame:
        rows = []
        for t in tables:
            s = self.sidecar(t)
            rows.append({"table": t, "stage": f"{s.stage} v{s.version}", "measured on": s.host if s.measured else "computed",
                         "content": s.output_id[:12], "warnings": len(s.warnings)})
        return pd.DataFrame(rows).set_index("table")


def unit(column: str) -> str:
    """What a column is measured in; "" for a name, a count or a share."""
    if column in OTHER_UNITS:
        return OTHER_UNITS[column]
    return next((u for suffix, u in UNITS.items() if column.endswith(suffix)), "")


def binary() -> pathlib.Path:
    return pathlib.Path(os.environ.get("RUNEXP", ROOT / "bin" / "runexp")).resolve()


def run(experiment: str | pathlib.Path, *stages: str, results: str | pathlib.Path = ROOT / "results", quiet: bool = False, **keys: Any) -> None:
    """Run an experiment, or some of its stages, with its progress below the cell.

    A keyword is a key of the experiment with "__" for ".": optimize__queries=1000.
    """
    sets = [a for k, v in keys.items() for a in ("--set", f"{k.replace('__', '.')}={json.dumps(v)}")]
    command = [str(binary()), "run", str(experiment), *stages, "--results", str(results), "--progress", "plain", *sets]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as p:
        log = []
        for line in p.stderr or ():
            log.append(line)
            if not quiet and (" started" in line or " done in" in line):
                print(line, end="")
    if p.returncode:
        raise RuntimeError("".join(log[-3:]))


def call(*args: str | pathlib.Path | float) -> str:
    """The standard output of a runexp command; its error message if it fails."""
    p = subprocess.run([str(binary()), *map(str, args)], capture_output=True, text=True)
    if p.returncode:
        raise RuntimeError(p.stderr.strip())
    return p.stdout


def sim(**flags: Any) -> dict[str, Any]:
    """One simulation: keywords are the flags of runexp sim, the result has the columns of trial."""
    args: list[Any] = ["sim", "--format", "json"]
    for k, v in flags.items():
        args.append(f"--{k.replace('_', '-')}" if v is True else f"--{k.replace('_', '-')}={v}")
    return json.loads(call(*args))


def answer(text: str) -> None:
    """Show the answer. The cell is tagged "answer", and the runner copies what it shows to the first cell."""
    display(Markdown(text))


def geomean(values: pd.Series) -> float:
    """Geometric mean of positive values."""
    return math.exp(sum(map(math.log, values)) / len(values))


def label_ends(ax: Axes, ends: dict[str, tuple[float, float]]) -> None:
    """Name lines at their ends (x, y), moved up where names would overlap."""
    ax.figure.draw_without_rendering()  # the layout decides where ends are
    height = 9 * ax.figure.dpi / 72  # pixels of a line of text
    floor = -math.inf
    for name, end in sorted(ends.items(), key=lambda e: e[1][1]):
        x, y = ax.transData.transform(end)
        floor = max(y, floor + height)
        ax.annotate(name, end, xytext=(4, (floor - y) * 72 / ax.figure.dpi - 3), textcoords="offset points", fontsize=8, annotation_clip=False)


@contextlib.contextmanager
def style() -> Iterator[None]:
    """The house style of figures, for one with block."""
    colours = ["#12436D", "#C25B00", "#28A197", "#801650", "#7D7D7D", "#5694CA", "#A285D1", "#2B2B2B"]
    with matplotlib.rc_context({
        "figure.dpi": 72, "savefig.dpi": 72, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=colours), "axes.titlesize": 9, "axes.titlelocation": "left", "legend.frameon": False,
        "figure.constrained_layout.use": True, "axes.grid": True, "grid.color": "#e6e5e0", "axes.axisbelow": True,
    }):
        yield


if __name__ == "__main__":
    sys.exit("runexp.py is imported by the notebooks; the command is bin/runexp")
