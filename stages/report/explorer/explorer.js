"use strict";
// The what-if explorer: a form, a worker that simulates, and what it found. It
// starts when its section is opened; the page is whole without it.
const explorer = document.getElementById("explorer");
if (explorer) {
  const box = explorer.querySelector("details");
  box.addEventListener("toggle", () => startExplorer(explorer), { once: true });
  if (box.open) startExplorer(explorer);
}

function startExplorer(section) {
  const data = JSON.parse(document.getElementById("explorer-data").textContent);
  const form = section.querySelector("form");
  const field = (name) => form.elements[name];
  const worker = startWorker();
  let asked = 0, busy = false, again = false, question = null, before = null;

  for (const m of data.models) field("model").add(new Option(m));
  const machine = () => data.machines[field("machine").value];
  const start = () => data.starts.find((s) => s.model === field("model").value && s.machine === Number(field("machine").value));
  const listMachines = () => {
    const last = field("machine").value;
    const known = data.starts.filter((s) => s.model === field("model").value).map((s) => s.machine);
    field("machine").replaceChildren(...known.map((i) => new Option(data.machines[i].title, i, false, String(i) === last)));
  };

  // A model or machine has its own scale of rates.
  const restart = () => {
    const s = start();
    const none = machine().accelerators === 0;
    field("threshold").disabled = none;
    if (none) field("threshold").value = 0;
    field("batch").value = s.batch;
    field("rate").value = s.rate;
  };
  const request = () => {
    const m = machine(), model = field("model").value;
    const knots = (key, curve) => (curve || []).map((k) => key + " " + k.join(" "));
    return [
      "cores " + m.cores, "accelerators " + m.accelerators,
      "batch " + field("batch").value, "threshold " + field("threshold").value, "rate " + field("rate").value,
      "queries " + field("queries").value, "seed " + field("seed").value, "max_query " + data.max_query,
      "arrivals " + data.arrivals, "sizes " + data.sizes,
      ...knots("curve", data.curves[model + "/" + m.cpu + "/" + m.engine]),
      ...(m.accelerators ? knots("accel_curve", data.curves[model + "/" + m.accel + "/accelerator"]) : []),
    ].join("\n");
  };
  // What does not fit the form is not simulated, and no older answer stays beside it.
  const ask = () => {
    const bad = form.querySelector(":invalid");
    if (bad) showNothing(section, "Enter " + bad.dataset.want + ".");
    again = busy && !bad;
    section.setAttribute("aria-busy", String(!bad));
    if (bad || busy) return;
    busy = true;
    const model = field("model").value;
    question = { start: start(), command: commandLine(data, machine(), field), targets: data.targets.filter((t) => t.model === model) };
    worker.postMessage({ id: ++asked, request: request() });
  };
  worker.addEventListener("message", (e) => {
    busy = false;
    if (form.matches(":invalid")) return;
    const found = { ...question, ...parseAnswer(e.data.text) };
    showAnswer(section, found, before && before.start === found.start ? before : null);
    if (!found.error) before = found;
    section.found = e.data; // for those who look with the console, and for tests
    section.setAttribute("aria-busy", String(again));
    if (again) ask();
  });
  form.addEventListener("input", (e) => {
    if (e.target === field("model")) listMachines();
    if (e.target === field("model") || e.target === field("machine")) restart();
    ask();
  });
  form.addEventListener("submit", (e) => e.preventDefault());
  listMachines();
  restart();
  ask();
}

function startWorker() {
  const source = document.getElementById("explorer-worker").textContent;
  const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const packed = document.getElementById("explorer-program").textContent.trim();
  const program = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  worker.postMessage({ program }, [program.buffer]);
  return worker;
}

// The same simulation from a shell.
function commandLine(data, m, field) {
  const curve = "curve:results/" + data.experiment + "/latency_curve.parquet";
  const words = ["runexp sim", "--service " + curve, "--model " + field("model").value, "--platform " + m.cpu, "--engine " + m.engine,
    "--colocation", "--cores " + m.cores, "--arrivals " + data.arrivals, "--sizes " + data.sizes, "--max-query " + data.max_query,
    "--batch " + field("batch").value, "--rate " + field("rate").value, "--queries " + field("queries").value, "--seed " + field("seed").value];
  if (m.accelerators) {
    words.push("--accelerators " + m.accelerators, "--accel-service " + curve, "--accel-platform " + m.accel, "--threshold " + field("threshold").value);
  }
  return words.join(" ");
}

function parseAnswer(text) {
  const found = { cdf: [] };
  for (const line of text.split("\n")) {
    const [key, ...values] = line.split(" ");
    if (key === "cdf") found.cdf.push(values.map(Number));
    else if (key === "error") found.error = values.join(" ");
    else if (key) found[key] = key === "stable" ? values[0] === "true" : Number(values[0]);
  }
  return found;
}

const digits = (v) => String(Number(v.toPrecision(3)));
const milliseconds = (ns) => digits(ns / 1e6) + " ms";

function showNothing(section, why) {
  section.querySelector("output").textContent = why;
  for (const cell of section.querySelectorAll("[data-m]")) cell.textContent = "–";
  section.querySelector("caption span").hidden = true;
  section.querySelector(".cli").textContent = "";
  section.querySelector("svg").replaceChildren();
}

function showAnswer(section, found, before) {
  if (found.error) {
    showNothing(section, "Cannot be simulated: " + found.error);
    return;
  }
  const put = (name, text) => { section.querySelector("[data-m=" + name + "]").textContent = text; };
  const between = (lo, hi) => (lo === undefined ? "" : " (" + digits(lo / 1e6) + "–" + digits(hi / 1e6) + ")");
  for (const p of ["p50", "p95", "p99"]) {
    put(p, p + "_ns" in found ? milliseconds(found[p + "_ns"]) + between(found[p + "_lo_ns"], found[p + "_hi_ns"]) : "–");
  }
  section.querySelector("caption span").hidden = !("p95_lo_ns" in found);
  put("cpu", digits(100 * found.cpu_util) + " %");
  put("accel", digits(100 * found.accel_util) + " %");
  put("offloaded", digits(100 * found.offloaded_queries) + " %");
  put("served", digits(found.achieved_qps) + " queries/s");
  section.querySelector(".cli").textContent = found.command;
  section.querySelector("output").textContent = verdict(found);
  drawDistribution(section.querySelector("svg"), found, before, found.targets);
}

function verdict(found) {
  if (!found.stable) return "Saturated: the queue grows, so there is no tail to state.";
  const mark = (t) => t.name + " (" + milliseconds(t.ns) + ") " + (found.p95_ns <= t.ns ? "✓" : "✗");
  return ["p95 " + milliseconds(found.p95_ns), found.targets.map(mark).join(", ")].filter(Boolean).join(": ");
}

// One line for this answer, a pale one for the last, on a logarithmic axis.
function drawDistribution(svg, found, before, targets) {
  const make = (name, attributes, text) => {
    const e = document.createElementNS(svg.namespaceURI, name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    if (text !== undefined) e.textContent = text;
    svg.append(e);
  };
  svg.replaceChildren();
  const all = [...found.cdf, ...(before ? before.cdf : [])].map((p) => p[1]).concat(targets.map((t) => t.ns));
  const lo = Math.log10(Math.min(...all)), hi = Math.log10(Math.max(...all));
  const x = (ns) => 40 + (540 * (Math.log10(ns) - lo)) / Math.max(hi - lo, 1e-9);
  const y = (share) => 200 - 180 * share;
  for (const share of [0, 0.5, 0.95]) {
    make("line", { x1: 40, x2: 580, y1: y(share), y2: y(share), class: "grid" });
    make("text", { x: 34, y: y(share) + 4, "text-anchor": "end" }, share * 100 + " %");
  }
  for (let decade = Math.floor(lo); decade <= hi; decade++) {
    for (const step of [1, 2, 5]) {
      const ns = step * 10 ** decade;
      if (Math.log10(ns) < lo || Math.log10(ns) > hi) continue;
      make("line", { x1: x(ns), x2: x(ns), y1: 20, y2: 200, class: "grid" });
      make("text", { x: x(ns), y: 216, "text-anchor": "middle" }, digits(ns / 1e6));
    }
  }
  targets.forEach((t, i) => {
    make("line", { x1: x(t.ns), x2: x(t.ns), y1: 20, y2: 200, class: "target" });
    make("text", { x: x(t.ns) - 3, y: 30 + 13 * i, "text-anchor": "end" }, t.name);
  });
  const path = (points) => "M" + points.map(([share, ns]) => x(ns).toFixed(1) + " " + y(share).toFixed(1)).join("L");
  if (before) make("path", { d: path(before.cdf), class: "before" });
  make("path", { d: path(found.cdf), class: found.stable ? "now" : "now unstable" });
  make("text", { x: 310, y: 234, "text-anchor": "middle" }, "latency of a query (ms)");
}
