"""Read every table of a results folder with four independent readers.

Usage: read_tables.py RUNEXP FOLDER

For each Parquet file, pyarrow, pandas, DuckDB and Polars must agree with
`runexp cat --format json` on the number of rows, on the number of nulls per
column, on the sum of every numeric column and on the checksum of every other;
pyarrow, DuckDB and Polars with the table's sidecar on the type of each column.
Exits 1 at the first difference.
"""

import hashlib
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


# What each reader calls a column type of ours.
TYPES = {
    "bool": ("bool", "BOOLEAN", "Boolean"),
    "int32": ("int32", "INTEGER", "Int32"),
    "int64": ("int64", "BIGINT", "Int64"),
    "uint32": ("uint32", "UINTEGER", "UInt32"),
    "uint64": ("uint64", "UBIGINT", "UInt64"),
    "float32": ("float", "FLOAT", "Float32"),
    "float64": ("double", "DOUBLE", "Float64"),
    "string": ("string", "VARCHAR", "String"),
}


def check_types(path: pathlib.Path) -> None:
    schema = pyarrow.parquet.read_schema(path)
    duck = {name: kind for name, kind, *_ in duckdb.sql(f"describe select * from '{path}'").fetchall()}
    polar = polars.read_parquet_schema(path)
    columns = json.loads(path.with_name(path.name + ".json").read_text())["columns"]
    if [c["name"] for c in columns] != schema.names:
        sys.exit(f"{path}: columns {schema.names} are not those of the sidecar")
    for c in columns:
        name = c["name"]
        arrow = str(schema.field(name).type).removeprefix("dictionary<values=").split(",")[0]
        got = (arrow, str(duck[name]), str(polar[name]))
        if got != TYPES[c["type"]]:
            sys.exit(f"{path}: column {name} is {c['type']}, read as {got}")


def summary(values: list) -> tuple[int, float | str | None]:
    """Nulls, and the sum where the column is numeric, or else its checksum."""
    present = [v for v in values if v is not None and v == v]
    nulls = len(values) - len(present)
    if present and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in present):
        return nulls, math.fsum(present)
    return nulls, hashlib.sha256("\n".join(map(str, present)).encode()).hexdigest()


def close(a: float | str | None, b: float | str | None) -> bool:
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isclose(a, b, rel_tol=1e-12))


def check(runexp: str, path: pathlib.Path) -> int:
    want = ours(runexp, path)
    check_types(path)
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
