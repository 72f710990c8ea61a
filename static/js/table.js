// Tables: the whole row leads where its first link leads; arrow keys walk; columns are chosen and remembered.
const rowLink = (row) => row.querySelector("a.row-link") || row.querySelector("a[href]");
const rowsOf = (element) => element.closest("tbody[data-rows]");

document.addEventListener("click", (event) => {
  const row = event.target.closest?.("tbody[data-rows] tr");
  if (!row || event.defaultPrevented || event.target.closest("a, button, input, select, label, summary, form")) return;
  if (String(getSelection())) return; // somebody copies a figure
  const link = rowLink(row);
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  else link.click();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const row = event.target.closest?.("tbody[data-rows] tr");
  const down = event.key === "ArrowDown" || event.key === "j";
  const up = event.key === "ArrowUp" || event.key === "k";
  if (!row) {
    if ((down || up) && event.target === document.body) {
      const first = document.querySelector("tbody[data-rows] tr");
      if (first && rowLink(first)) {
        event.preventDefault();
        rowLink(first).focus();
      }
    }
    return;
  }
  if (!(down || up) || event.target.matches("input, select, textarea")) return;
  let next = row;
  do next = down ? next.nextElementSibling : next.previousElementSibling;
  while (next && !rowLink(next));
  if (!next) return;
  event.preventDefault();
  rowLink(next).focus();
  next.scrollIntoView({ block: "nearest" });
});

// Column chooser: <details data-columns="table-id">, filled from the heads that have data-column.
const hiddenColumns = (table) => {
  try {
    return new Set(JSON.parse(localStorage.getItem("fillbook.columns." + table.id) || "[]"));
  } catch {
    return new Set();
  }
};

const applyColumns = (table) => {
  const hidden = hiddenColumns(table);
  for (const head of table.querySelectorAll("th[data-column]")) {
    const index = head.cellIndex;
    for (const row of table.rows) {
      const cell = row.cells[index];
      if (cell && row.cells.length === head.parentElement.cells.length) {
        cell.toggleAttribute("hidden", hidden.has(head.dataset.column));
      }
    }
  }
};

const fillChooser = (chooser, table) => {
  const sheet = chooser.querySelector(".menu__sheet");
  const hidden = hiddenColumns(table);
  for (const head of table.querySelectorAll("th[data-column]")) {
    const label = document.createElement("label");
    label.className = "menu__option";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = !hidden.has(head.dataset.column);
    box.addEventListener("change", () => {
      const now = hiddenColumns(table);
      if (box.checked) now.delete(head.dataset.column);
      else now.add(head.dataset.column);
      try {
        localStorage.setItem("fillbook.columns." + table.id, JSON.stringify([...now]));
      } catch {
        // Not remembered then.
      }
      applyColumns(table);
    });
    label.append(box, document.createTextNode(head.textContent.trim()));
    sheet.append(label);
  }
};

const startColumns = (scope) => {
  for (const chooser of scope.querySelectorAll("[data-columns]")) {
    const table = document.getElementById(chooser.dataset.columns);
    if (!table || chooser.dataset.ready) continue;
    chooser.dataset.ready = "yes";
    fillChooser(chooser, table);
  }
  for (const table of document.querySelectorAll("table[id]")) {
    if (table.querySelector("th[data-column]")) applyColumns(table);
  }
};

startColumns(document);
document.addEventListener("htmx:afterSettle", (event) => startColumns(event.target));
