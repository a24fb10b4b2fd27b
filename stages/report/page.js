"use strict";
// Sorting and filtering are added to tables that are complete without them.
for (const table of document.querySelectorAll("table:not(.plain)")) {
  const body = table.tBodies[0];
  const value = (row, i) => {
    const cell = row.cells[i];
    const v = cell.dataset.v;
    return v === undefined ? cell.textContent : Number(v);
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  [...table.tHead.rows[0].cells].forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.dataset.name = head.textContent; // the name is what paper shows
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => compare(value(a, i), value(b, i)) * (down ? -1 : 1));
      body.append(...rows);
    });
  });
  if (table.hasAttribute("data-filter")) {
    const bar = document.createElement("div");
    bar.className = "filter";
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = "words, all must occur";
    input.setAttribute("aria-label", "Filter the rows of: " + table.caption.textContent);
    const count = document.createElement("output");
    const box = table.parentElement, long = box.classList.contains("long"); // left out on paper, until few rows are chosen
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of body.rows) {
        const text = [...row.cells].map((c) => c.textContent.toLowerCase());
        row.hidden = !words.every((w) => text.some((t) => t.includes(w)));
        if (!row.hidden) shown++;
      }
      count.textContent = shown + " of " + body.rows.length + " rows";
      if (long) box.classList.toggle("long", shown > 300);
    };
    input.addEventListener("input", show);
    show();
    bar.append(input, count);
    box.before(bar);
  }
}
// A box is a stop of the keyboard and a landmark while it has something to scroll.
const scrolling = new ResizeObserver((seen) => {
  for (const box of new Set(seen.map((s) => s.target.closest(".scroll")))) {
    const name = box.querySelector("caption") || box.parentElement.querySelector("h3");
    const state = box.scrollWidth > box.clientWidth ? { role: "region", tabindex: 0, "aria-label": name.textContent } : {};
    for (const key of ["role", "tabindex", "aria-label"]) {
      if (key in state) box.setAttribute(key, state[key]);
      else box.removeAttribute(key);
    }
  }
});
for (const box of document.querySelectorAll(".scroll")) {
  scrolling.observe(box);
  scrolling.observe(box.firstElementChild);
}
// A page that was sent alone still holds its drawings: they are saved from here,
// in the colours of paper.
for (const files of document.querySelectorAll(".files")) {
  const save = document.createElement("button");
  save.type = "button";
  save.textContent = "Save the drawing as SVG";
  save.addEventListener("click", () => {
    const figure = files.closest("figure");
    const svg = figure.querySelector("svg").cloneNode(true);
    const { width, height } = svg.viewBox.baseVal;
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("style", "background:#fff");
    const text = new XMLSerializer().serializeToString(svg).replace(/var\([^,()]*,([^()]*)\)/g, "$1");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    link.download = figure.id + ".svg";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href));
  });
  files.before(save);
}
// Paper cannot unfold anything; afterwards the page is as it was.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll("details:not([open], .data, #explorer details)")];
  for (const d of unfolded) d.open = true;
});
addEventListener("afterprint", () => {
  for (const d of unfolded) d.open = false;
});
