"use strict";
// Runs the simulator as what it is: a program that reads a request from its
// standard input and writes the answer to its standard output. The functions
// below are the part of WASI preview 1 that the Go runtime calls; anything else
// is answered with "not supported".
const BAD_FILE = 8, NOT_SUPPORTED = 52;
let simulator;

function host(input) {
  const output = [];
  let memory, read = 0;
  const view = () => new DataView(memory.buffer);
  const pieces = (list, count) => Array.from({ length: count }, (_, i) =>
    new Uint8Array(memory.buffer, view().getUint32(list + 8 * i, true), view().getUint32(list + 8 * i + 4, true)));
  const sizes = (count, bytes) => { view().setUint32(count, 0, true); view().setUint32(bytes, 0, true); return 0; };
  const calls = {
    args_sizes_get: sizes, environ_sizes_get: sizes, args_get: () => 0, environ_get: () => 0,
    sched_yield: () => 0, fd_close: () => 0, fd_fdstat_set_flags: () => 0, fd_prestat_get: () => BAD_FILE,
    proc_exit: (code) => { throw code; },
    clock_time_get: (id, precision, at) => { view().setBigUint64(at, BigInt(Math.round(performance.now() * 1e6)), true); return 0; },
    random_get: (at, length) => { crypto.getRandomValues(new Uint8Array(memory.buffer, at, length)); return 0; },
    fd_fdstat_get: (fd, at) => { new Uint8Array(memory.buffer, at, 24).fill(0); return 0; },
    fd_read: (fd, list, count, got) => {
      let n = 0;
      for (const p of pieces(list, count)) {
        const part = input.subarray(read, read + p.length);
        p.set(part);
        read += part.length;
        n += part.length;
      }
      view().setUint32(got, n, true);
      return 0;
    },
    fd_write: (fd, list, count, got) => {
      let n = 0;
      for (const p of pieces(list, count)) {
        output.push(p.slice());
        n += p.length;
      }
      view().setUint32(got, n, true);
      return 0;
    },
  };
  const imports = new Proxy(calls, { get: (known, name) => known[name] || (() => NOT_SUPPORTED) });
  return { imports, attach: (m) => { memory = m; }, text: () => new TextDecoder().decode(join(output)) };
}

function join(parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    all.set(p, at);
    at += p.length;
  }
  return all;
}

async function answer(request) {
  const h = host(new TextEncoder().encode(request));
  const instance = await WebAssembly.instantiate(await simulator, { wasi_snapshot_preview1: h.imports });
  h.attach(instance.exports.memory);
  try {
    instance.exports._start();
  } catch (code) {
    if (code !== 0) throw code;
  }
  return h.text();
}

// The first message is the compiled program, compressed; every other a request.
addEventListener("message", async (e) => {
  if (e.data.program) {
    const plain = new Blob([e.data.program]).stream().pipeThrough(new DecompressionStream("gzip"));
    simulator = new Response(plain).arrayBuffer().then((bytes) => WebAssembly.compile(bytes));
    return;
  }
  try {
    postMessage({ id: e.data.id, text: await answer(e.data.request) });
  } catch (err) {
    postMessage({ id: e.data.id, text: "error " + err });
  }
});
