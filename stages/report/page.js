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
    button.textContent = head.textContent;
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
    const show = () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of body.rows) {
        const text = [...row.cells].map((c) => c.textContent.toLowerCase());
        row.hidden = !words.every((w) => text.some((t) => t.includes(w)));
        if (!row.hidden) shown++;
      }
      count.textContent = shown + " of " + body.rows.length + " rows";
    };
    input.addEventListener("input", show);
    show();
    bar.append(input, count);
    table.parentElement.before(bar);
  }
}
// Paper cannot unfold anything.
addEventListener("beforeprint", () => {
  for (const d of document.querySelectorAll("details:not(.data)")) d.open = true;
});
