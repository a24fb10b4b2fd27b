"""Read every table of a results folder with four independent readers.

Usage: read_tables.py RUNEXP FOLDER

For each Parquet file, pyarrow, pandas, DuckDB and Polars must agree with
`runexp cat --format json` on the number of rows, on the number of nulls per
column and on the sum of every numeric column. Exits 1 at the first difference.
"""

import json
import math
import pathlib
import subprocess
import sys

import duckdb
import pandas
import polars
import pyarrow.parquet


def ours(runexp: str, path: pathlib.Path) -> list[dict]:
    out = subprocess.run([runexp, "cat", str(path), "--format", "json"], check=True, capture_output=True).stdout
    return json.loads(out)


def summary(values: list) -> tuple[int, float | None]:
    """Nulls, and the sum where the column is numeric."""
    present = [v for v in values if v is not None and v == v]
    nulls = len(values) - len(present)
    if present and all(isinstance(v, (int, float)) for v in present):
        return nulls, math.fsum(present)
    return nulls, None


def close(a: float | None, b: float | None) -> bool:
    return a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-12))


def check(runexp: str, path: pathlib.Path) -> int:
    want = ours(runexp, path)
    readers = {
        "pyarrow": pyarrow.parquet.read_table(path).to_pylist(),
        "pandas": pandas.read_parquet(path, dtype_backend="pyarrow").astype(object).where(lambda d: d.notna(), None).to_dict("records"),
        "duckdb": duckdb.sql(f"select * from '{path}'").to_arrow_table().to_pylist(),
        "polars": polars.read_parquet(path).to_dicts(),
    }
    columns = pyarrow.parquet.read_schema(path).names
    for name, rows in readers.items():
        if len(rows) != len(want):
            sys.exit(f"{path}: {name} reads {len(rows)} rows, runexp {len(want)}")
        for c in columns:
            a, b = summary([r[c] for r in rows]), summary([r[c] for r in want])
            if a[0] != b[0] or not close(a[1], b[1]):
                sys.exit(f"{path}: column {c}: {name} has (nulls, sum) {a}, runexp {b}")
    return len(want)


def main() -> None:
    runexp, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    tables = sorted(folder.glob("*.parquet"))
    if not tables:
        sys.exit(f"{folder}: no tables")
    for path in tables:
        print(f"{path}: {check(runexp, path)} rows agree in 4 readers")
    print(f"{len(tables)} passed, 0 failed")


if __name__ == "__main__":
    main()
