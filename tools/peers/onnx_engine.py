"""ONNX Runtime on one thread, with the graph as an ONNX model.

Parameters are the model's external data (a protobuf ends at 2 GB), handed over
in memory: nothing is written to disk. Tables are used where they lie, in memory
from malloc, where pages are of the kind that glibc was told to ask for; ONNX
Runtime would map a file of external data, on 4 KiB pages whatever glibc is told.
Inputs are bound before the clock starts, so that Python's handling of up to 253
of them does not count.
"""

import os
import tempfile
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

NAME = "onnxruntime"
VERSION = ort.__version__
DATA = "parameters"  # the name of the external data
OPSET = 21


class Export:
    """Writes a Graph as an ONNX model; offsets says where parameters lie."""

    def __init__(self, graph, offsets):
        self.g, self.offsets = graph, offsets
        self.nodes, self.initializers, self.inputs = [], [], []
        self.shapes = {}  # of the parameters
        self.sequences = {i for op in graph.ops if op.kind == "stack" for i in op.ins}

    def model(self):
        g = self.g
        if g.dense:
            self.input("dense_in", TensorProto.FLOAT, ["batch", g.dense])
        for op in g.ops:
            getattr(self, op.kind)(op)
        outputs = [
            helper.make_tensor_value_info(o, TensorProto.FLOAT, ["batch", g.cols[o]])
            for o in g.outputs
        ]
        graph = helper.make_graph(
            self.nodes, "peer", self.inputs, outputs, self.initializers
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10
        )

    def input(self, name, kind, shape):
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))

    def node(self, kind, ins, out, **attributes):
        self.nodes.append(helper.make_node(kind, ins, [out], **attributes))

    def parameter(self, name, shape):
        t = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
        t.data_location = TensorProto.EXTERNAL
        self.shapes[name] = shape
        place = dict(location=DATA, offset=self.offsets[name], length=4 * np.prod(shape))
        for key, value in place.items():
            t.external_data.add(key=key, value=str(value))
        self.initializers.append(t)
        return name

    def constant(self, name, values):
        self.initializers.append(
            helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
        )
        return name

    def weights(self, name):
        """Both parameters of a layer."""
        _, out, cols = next(l for l in self.g.layers if l[0] == name)
        return [
            self.parameter(name + "_w", [out, cols]),
            self.parameter(name + "_b", [out]),
        ]

    def lookup(self, op):
        name, rows = self.g.tables[op.arg]
        table = self.parameter(name + "_w", [rows, self.g.dim])
        if op.out in self.sequences:  # one step of a sequence
            shape = [1, "batch"]
        elif self.g.lookups == 1:
            shape = ["batch"]
        else:
            shape = ["batch", self.g.lookups]
        self.input(name + "_i", TensorProto.INT32, shape)
        if self.g.lookups == 1:
            self.node("Gather", [table, name + "_i"], op.out)
            return
        self.node("Gather", [table, name + "_i"], name + "_rows")
        axes = self.constant(name + "_axes", [1])
        self.node("ReduceSum", [name + "_rows", axes], op.out, keepdims=0)

    def fc(self, op):
        x = op.ins[0]
        if x.endswith("_h"):  # all steps of a sequence in one product
            x = self.reshape(x, [-1, self.g.cols[x]])
        self.node("Gemm", [x, *self.weights(op.arg)], op.out, transB=1)

    def reshape(self, x, shape):
        out = x + "_flat" if len(shape) == 2 else x + "_steps"
        self.node("Reshape", [x, self.constant(out + "_shape", shape)], out)
        return out

    def relu(self, op):
        self.node("Relu", op.ins, op.out)

    def sigmoid(self, op):
        self.node("Sigmoid", op.ins, op.out)

    def mul(self, op):
        self.node("Mul", op.ins, op.out)

    def softmax(self, op):
        self.node("Softmax", op.ins, op.out, axis=-1)

    def concat(self, op):
        self.node("Concat", op.ins, op.out, axis=1)

    def stack(self, op):
        self.node("Concat", op.ins, op.out, axis=0)

    def sum(self, op):
        ins = [i + "_flat" if i.endswith("_h") else i for i in op.ins]
        self.node("Add" if len(ins) == 2 else "Sum", ins, op.out)

    def rnn(self, op):
        x, hidden = op.ins[0], self.g.cols[op.out]
        cols = self.g.cols[x]
        if x == "evolved":
            steps = len(self.sequences)
            x = self.reshape(x, [steps, -1, cols])
        name = op.arg
        w = self.parameter(name + "/i2h_w", [1, hidden, cols])
        r = self.parameter(name + "/gates_t_w", [1, hidden, hidden])
        self.parameter(name + "/i2h_b", [1, hidden])
        self.parameter(name + "/gates_t_b", [1, hidden])
        b = name + "_b"
        self.node("Concat", [name + "/i2h_b", name + "/gates_t_b"], b, axis=1)
        self.nodes.append(
            helper.make_node("RNN", [x, w, r, b], [op.out, name + "_last"], hidden_size=hidden)
        )

    def last(self, op):
        last = op.ins[0].removesuffix("_h") + "_last"
        self.node("Squeeze", [last, self.constant("last_axes", [0])], op.out)


def session(model, options, size):
    """A session whose external data are in the options already. ONNX Runtime
    wants the file to exist all the same: it gets a hole, which it never reads."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, DATA), "wb") as file:
            file.truncate(size)
        key = "session.model_external_initializers_file_folder_path"
        options.add_session_config_entry(key, folder)
        return ort.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )


class Engine:
    def __init__(self, graph, parameters, offsets):
        self.graph = graph
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        export = Export(graph, offsets)
        model = export.model()
        self.values = {}
        for name, shape in export.shapes.items():
            data = parameters[offsets[name] :][: 4 * int(np.prod(shape))]
            values = data.view(np.float32).reshape(shape)
            self.values[name] = ort.OrtValue.ortvalue_from_numpy(values)  # no copy
        tables = {name + "_w" for name, _ in graph.tables}
        layers = [name for name in self.values if name not in tables]
        for name in tables:  # which are used where they lie; layers are repacked
            options.add_initializer(name, self.values[name])
        options.add_external_initializers(layers, [self.values[n] for n in layers])
        self.session = session(model, options, len(parameters))
        self.shapes = {i.name: i.shape for i in self.session.get_inputs()}

    def prepare(self, batch, inputs):
        """Binds the inputs of one pass; inputs are flat arrays by name."""
        binding = self.session.io_binding()
        for name, values in inputs.items():
            shape = [batch if n == "batch" else n for n in self.shapes[name]]
            value = ort.OrtValue.ortvalue_from_numpy(values.reshape(shape))
            binding.bind_ortvalue_input(name, value)
        for o in self.graph.outputs:
            binding.bind_output(o, "cpu")
        return binding

    def run(self, binding):
        start = time.perf_counter_ns()
        self.session.run_with_iobinding(binding)
        ns = time.perf_counter_ns() - start
        return ns, binding.copy_outputs_to_cpu()
