"""The eight models' graphs, stated once for every peer engine.

A Graph lists operators in execution order. It is written from the models'
description, not from runexp's code, so that agreement of the outputs means
something. Parameters have the names of the old release's archives, under which
runexp takes them too.

Start with build(); Engines walk Graph.ops.
"""

from dataclasses import dataclass, field
from typing import NamedTuple


class Op(NamedTuple):
    """One operator: kind, name of its output, names of its inputs, details."""

    kind: str
    out: str
    ins: tuple
    arg: object = None


@dataclass
class Graph:
    dim: int
    lookups: int
    ops: list = field(default_factory=list)
    tables: list = field(default_factory=list)  # (name, rows)
    layers: list = field(default_factory=list)  # (name, out, in)
    dense: int = 0  # width of the dense input, 0 for none
    outputs: list = field(default_factory=list)
    cols: dict = field(default_factory=dict)  # width of each tensor
    # din: outputs of the behaviour tables and of the ad's, one unit per behaviour
    units: tuple = ()
    groups: list = field(default_factory=list)  # [first, number] of tables alike

    def add(self, kind, out, ins, cols, arg=None):
        self.ops.append(Op(kind, out, tuple(ins), arg))
        self.cols[out] = cols
        return out

    def dense_input(self, cols):
        self.dense = cols
        self.cols["dense_in"] = cols
        return "dense_in"

    def embed(self, prefix, rows, apart=()):
        """One table per entry of rows; its output is the sum of the rows looked up.
        Tables of equal rows form a group, unless one of apart begins another."""
        first = len(self.tables)
        for i, n in enumerate(rows):
            if i and n == rows[i - 1] and i not in apart:
                self.groups[-1][1] += 1
            else:
                self.groups.append([first + i, 1])
        self.tables += [(f"{prefix}{i}", n) for i, n in enumerate(rows)]
        return [
            self.add("lookup", f"{prefix}{i}_z", (), self.dim, first + i)
            for i in range(len(rows))
        ]

    def layer(self, name, out, cols):
        self.layers.append((name, out, cols))
        return name

    def fc(self, name, x, width):
        self.layer(name, width, self.cols[x])
        return self.add("fc", name + "_y", (x,), width, name)

    def mlp(self, prefix, x, widths, last="relu"):
        """Layers prefix:::fc1 onwards, each followed by relu but the last by last."""
        for i, width in enumerate(widths):
            x = self.fc(f"{prefix}:::fc{i + 1}", x, width)
            kind = last if i == len(widths) - 1 else "relu"
            x = self.add(kind, x + "_z", (x,), width)
        return x

    def concat(self, name, parts):
        return self.add("concat", name, parts, sum(self.cols[p] for p in parts))


def sizes(config, key):
    return [int(n) for n in config[key].split("-")]


def dlrm(g, c):
    widths = sizes(c, "arch_mlp_bot")
    dense = g.dense_input(widths[0])
    embeddings = g.embed("emb:::sls", sizes(c, "arch_embedding_size"))
    bottom = g.mlp("bot", dense, widths[1:])
    joined = g.concat("interaction", [bottom, *embeddings])
    g.outputs = [g.mlp("top", joined, sizes(c, "arch_mlp_top"), "sigmoid")]


def ncf(g, c):
    rows, top = sizes(c, "arch_embedding_size"), sizes(c, "arch_mlp_top")
    factors = g.embed("emb:::mf_sls", rows[:2])
    deep = g.embed("emb:::mlp_sls", rows[2:])
    product = g.add("mul", "mf", factors, g.dim)
    branch = g.mlp("mlpfc", g.concat("mlp", deep), top[:-1])
    g.outputs = [g.mlp("final", g.concat("feat_int", [product, branch]), top[-1:])]


def wide_input(g, c):
    dense = g.dense_input(sizes(c, "arch_mlp_bot")[0])
    embeddings = g.embed("emb:::sls", sizes(c, "arch_embedding_size"))
    return g.concat("interaction", [dense, *embeddings])


def wnd(g, c):
    g.outputs = [g.mlp("top", wide_input(g, c), sizes(c, "arch_mlp_top"), "sigmoid")]


def mtwnd(g, c):
    shared = g.mlp("top", wide_input(g, c), sizes(c, "arch_mlp_top"))
    tower = sizes(c, "arch_mlp_tasks")[1:]
    g.outputs = [
        g.mlp(f"task_{t}", shared, tower, "sigmoid")
        for t in range(c["num_multi_tasks"])
    ]


def din(g, c):
    rows = sizes(c, "arch_embedding_size")
    rows[1:2] = rows[1:2] * c["user_behavior_tables"]
    roles = (1, len(rows) - 2)
    profile, *behaviours, ad, context = g.embed("emb:::sls", rows, roles)
    g.units = (behaviours, ad)
    units = []
    for u, behaviour in enumerate(behaviours):
        both = g.add("sum", f"sum_{u}", (behaviour, ad), g.dim)
        x = g.concat(f"concat_{u}", [behaviour, ad, both])
        widths = [*sizes(c, "arch_mlp_bot"), g.dim]
        units.append(g.mlp(f"atten:::_fc_{u}", x, widths))
    attention = g.add("sum", "attention", units, g.dim)
    joined = g.concat("top_fc_in", [profile, attention, ad, context])
    g.outputs = [g.mlp("top", joined, sizes(c, "arch_mlp_top"))]


def dien(g, c):
    hidden = c["hidden_size"]
    rows = sizes(c, "arch_embedding_size")
    roles = (1, len(rows) - 2)
    profile, *behaviours, ad, context = g.embed("emb:::sls", rows, roles)
    x = g.add("stack", "sequence", behaviours, g.dim)
    states = rnn(g, "rnn_0", x, hidden)
    scores = g.fc("DIEN_blob_0", states, hidden)
    attention = g.add("softmax", "softmax", (scores,), hidden)
    evolved = g.add("sum", "evolved", (states, attention), hidden)
    states = rnn(g, "rnn_1", evolved, hidden)
    last = g.add("last", "last", (states,), hidden)
    joined = g.concat("gru:::concat", [last, profile, ad, context])
    g.outputs = [g.mlp("top", joined, sizes(c, "arch_mlp_top"))]


def rnn(g, name, x, hidden):
    """A vanilla tanh cell over a time-major sequence, from the zero state."""
    g.layer(name + "/i2h", hidden, g.cols[x])
    g.layer(name + "/gates_t", hidden, hidden)
    return g.add("rnn", name + "_h", (x,), hidden, name)


GRAPHS = dict(dlrm=dlrm, ncf=ncf, wnd=wnd, mtwnd=mtwnd, din=din, dien=dien)


def build(config):
    """The graph of a model file's settings, the corrected variant."""
    g = Graph(config["arch_sparse_feature_size"], config["num_indices_per_lookup"])
    GRAPHS[config["model_type"]](g, config)
    return g
