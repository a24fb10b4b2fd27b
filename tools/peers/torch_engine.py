"""PyTorch on one thread, the graph fused by hand as far as its operators go.

Tables of equal size that follow each other are one table and one lookup, whose
result needs no concatenation; the attention units of DIN are computed together,
as three products instead of 250 times two layers. The result is traced to
TorchScript and frozen. Over eager code for each table and unit that gains most
at small batches.
"""

import time

import numpy as np
import torch
import torch.nn.functional as F

NAME = "pytorch"
VERSION = torch.__version__.split("+")[0]


UNIT = ("sum_", "concat_", "atten:::")  # names within attention units


class Module(torch.nn.Module):
    def __init__(self, graph, parameters):
        super().__init__()
        self.g, self.p = graph, parameters
        self.table_names = [op.out for op in graph.ops if op.kind == "lookup"]
        if graph.units:
            self.units = self.stack_units()

    def stack_units(self):
        """The units' weights. The first layer sees [u, ad, u + ad], so it is
        u (A + C) + ad (B + C) with its weight cut into A, B and C."""
        n, p = len(self.g.units[0]), self.p
        names = [f"atten:::_fc_{u}:::fc" for u in range(n)]
        a, b, c = torch.cat([p[x + "1_w"] for x in names]).chunk(3, 1)
        bias = torch.cat([p[x + "1_b"] for x in names])
        w2 = torch.stack([p[x + "2_w"][:, 0] for x in names])
        b2 = torch.stack([p[x + "2_b"] for x in names])
        return a + c, b + c, bias, w2, b2

    def forward(self, dense, indices):
        x = {"dense_in": dense}
        self.lookups(x, indices)
        for op in self.g.ops:
            if op.kind != "lookup" and not op.out.startswith(UNIT):
                x[op.out] = self.apply_op(op, x)
        return tuple(x[o] for o in self.g.outputs)

    def lookups(self, x, indices):
        """Tables' outputs by name; a group's under the tuple of its names."""
        g = self.g
        for (first, n), index in zip(g.groups, indices):
            table = self.p[first]
            if g.lookups == 1:
                rows = torch.index_select(table, 0, index)
            else:
                rows = F.embedding_bag(index, table, mode="sum")
            rows = rows.view(-1, n, g.dim)
            names = tuple(self.table_names[first : first + n])
            x[names] = rows
            if n <= 2:  # read one by one
                x |= {name: rows[:, i] for i, name in enumerate(names)}

    def group(self, x, ins):
        """The group of tables that ins starts with, and how many they are."""
        for key in x:
            if isinstance(key, tuple) and ins[: len(key)] == key:
                return x[key], len(key)
        return None, 1

    def concat(self, x, ins):
        parts = []
        while ins:
            rows, n = self.group(x, ins)
            parts.append(x[ins[0]] if rows is None else rows.flatten(1))
            ins = ins[n:]
        return torch.cat(parts, 1) if len(parts) > 1 else parts[0]

    def attention(self, x):
        behaviours, ad = self.g.units
        u, _ = self.group(x, tuple(behaviours))
        wu, wa, b1, w2, b2 = self.units
        h = torch.relu((u * wu).sum(2) + F.linear(x[ad], wa, b1))
        return torch.relu(torch.addcmul(b2, h.unsqueeze(2), w2)).sum(1)

    def apply_op(self, op, x):
        p = self.p
        match op.kind:
            case "concat":
                return self.concat(x, op.ins)
            case "stack":
                return self.group(x, op.ins)[0].transpose(0, 1).contiguous()
            case "sum" if op.out == "attention":
                return self.attention(x)
        ins = [x[i] for i in op.ins]
        match op.kind:
            case "fc":
                return F.linear(ins[0], p[op.arg + "_w"], p[op.arg + "_b"])
            case "relu":
                return torch.relu(ins[0])
            case "sigmoid":
                return torch.sigmoid(ins[0])
            case "softmax":
                return torch.softmax(ins[0], -1)
            case "mul":
                return ins[0] * ins[1]
            case "sum":
                return ins[0] + ins[1]
            case "rnn":
                return self.rnn(op.arg, ins[0])
            case "last":
                return ins[0][-1]

    def rnn(self, name, x):
        p = self.p
        names = ["/i2h_w", "/gates_t_w", "/i2h_b", "/gates_t_b"]
        weights = [p[name + n] for n in names]
        start = torch.zeros(1, x.shape[1], weights[1].shape[0])
        return torch.rnn_tanh(x, start, weights, True, 1, 0.0, False, False, False)[0]


class Engine:
    def __init__(self, graph, parameters, offsets):
        torch.set_num_threads(1)
        torch.set_grad_enabled(False)
        self.graph = graph

        def tensor(name, *shape):
            data = parameters[offsets[name] :][: 4 * int(np.prod(shape))]
            return torch.from_numpy(data.view(np.float32).reshape(shape))

        values = {}
        for first, n in graph.groups:  # which lie one after the other
            name, rows = graph.tables[first]
            values[first] = tensor(name + "_w", n * rows, graph.dim)
        for name, out, cols in graph.layers:
            values |= {name + "_w": tensor(name + "_w", out, cols)}
            values |= {name + "_b": tensor(name + "_b", out)}
        module = Module(graph, values).eval()
        traced = torch.jit.trace(module, self.example(), check_trace=False)
        self.module = torch.jit.freeze(traced)

    def example(self):
        g = self.graph
        inputs = {name + "_i": np.zeros(2 * g.lookups, np.int32) for name, _ in g.tables}
        return self.prepare(2, inputs | {"dense_in": np.zeros(2 * g.dense, np.float32)})

    def prepare(self, batch, inputs):
        """The arguments of one pass; inputs are flat arrays by name."""
        g = self.graph
        dense = torch.zeros(0)
        if g.dense:
            dense = torch.from_numpy(inputs["dense_in"].reshape(batch, -1))
        indices = []
        for first, n in g.groups:
            _, rows = g.tables[first]
            index = np.empty((batch, n, g.lookups), np.int32)
            for i in range(n):
                values = inputs[g.tables[first + i][0] + "_i"].reshape(batch, -1)
                np.add(values, i * rows, out=index[:, i])
            shape = (-1,) if g.lookups == 1 else (-1, g.lookups)
            indices.append(torch.from_numpy(index.reshape(shape)))
        return dense, tuple(indices)

    def run(self, arguments):
        start = time.perf_counter_ns()
        outputs = self.module(*arguments)
        ns = time.perf_counter_ns() - start
        return ns, [o.numpy() for o in outputs]
