"""A peer engine as a child process of the benchmark.

The dialogue, lines of JSON and raw little-endian float32 and int32 arrays:

  benchmark: {"engine", "config"}
  peer:      {"engine", "version", "tables", "layers", "dense", "lookups"}
  benchmark: every table, then W and b of every layer
  peer:      {"rss", "huge"}, the bytes of memory it has, and of them those on huge pages
  then, until the end of input:
  benchmark: {"batch", "passes"}; of each pass the dense values and the indices of every table
  peer:      {"ns"}, the time of each pass, {"outputs"}, their number of values; the outputs

Start with main().
"""

import importlib
import json
import sys

import numpy as np

from graphs import build


def read(stream, array):
    """Fills an array from the stream."""
    view, at = memoryview(array).cast("B"), 0
    while at < len(view):
        n = stream.readinto(view[at:])
        if not n:
            sys.exit("serve.py: input ended within an array")
        at += n
    return array


def write_line(stream, **fields):
    stream.write(json.dumps(fields).encode() + b"\n")
    stream.flush()


ALIGNMENT = 64  # of a parameter, in bytes


def lay_out(graph):
    """Where each parameter lies in one block, in the order of arrival: its name,
    offset and number of values."""
    names = [(name + "_w", rows * graph.dim) for name, rows in graph.tables]
    for name, out, cols in graph.layers:
        names += [(name + "_w", out * cols), (name + "_b", out)]
    places, at = [], 0
    for name, n in names:
        places.append((name, at, n))
        at += -(-4 * n // ALIGNMENT) * ALIGNMENT
    return places, at


def memory():
    """Bytes of memory that this process has, and of them those on huge pages."""
    with open("/proc/self/smaps_rollup") as file:
        fields = dict(line.split()[:2] for line in file if line.endswith("kB\n"))
    return dict(rss=1024 * int(fields["Rss:"]), huge=1024 * int(fields["AnonHugePages:"]))


def inputs_of(graph, batch, stream):
    inputs = {}
    if graph.dense:
        inputs["dense_in"] = read(stream, np.empty(batch * graph.dense, np.float32))
    for name, _ in graph.tables:
        inputs[name + "_i"] = read(stream, np.empty(batch * graph.lookups, np.int32))
    return inputs


def serve_turn(engine, graph, turn, stdin, stdout):
    batch = turn["batch"]
    prepared = [
        engine.prepare(batch, inputs_of(graph, batch, stdin))
        for _ in range(turn["passes"])
    ]
    results = [engine.run(arguments) for arguments in prepared]
    outputs = [np.ascontiguousarray(o) for _, outs in results for o in outs]
    write_line(stdout, ns=[ns for ns, _ in results], outputs=sum(o.size for o in outputs))
    for o in outputs:
        stdout.write(o)
    stdout.flush()


def main():
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    hello = json.loads(stdin.readline())
    module = importlib.import_module(hello["engine"] + "_engine")
    graph = build(hello["config"])
    write_line(
        stdout,
        engine=module.NAME,
        version=module.VERSION,
        tables=[{"name": name, "rows": rows} for name, rows in graph.tables],
        layers=[{"name": n, "out": o, "in": i} for n, o, i in graph.layers],
        dense=graph.dense,
        lookups=graph.lookups,
    )
    places, size = lay_out(graph)
    parameters = np.empty(size, np.uint8)
    for _, at, n in places:
        read(stdin, parameters[at : at + 4 * n])
    engine = module.Engine(graph, parameters, {name: at for name, at, _ in places})
    write_line(stdout, **memory())
    while line := stdin.readline():
        serve_turn(engine, graph, json.loads(line), stdin, stdout)


if __name__ == "__main__":
    main()
