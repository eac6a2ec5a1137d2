"use strict";
// Opens, sorts and searches the tree of layers. Without it the page shows every row.
for (const table of document.querySelectorAll("table.layers")) {
  const body = table.tBodies[0];
  const rows = [...body.rows].map((row, order) => ({
    row, order, depth: Number(row.dataset.depth), path: row.dataset.path, open: false, parent: null,
  }));
  const above = [];
  for (const each of rows) {
    above.length = each.depth;
    each.parent = above[each.depth - 1] ?? null;
    above.push(each);
  }
  let order = null;
  let wanted = "";

  const shown = (each) => {
    for (let up = each.parent; up; up = up.parent) if (!up.open) return false;
    return true;
  };

  const draw = () => {
    const words = wanted.toLowerCase();
    const hits = new Set();
    if (words) for (const each of rows) {
      if (!each.path.toLowerCase().includes(words)) continue;
      for (let up = each; up; up = up.parent) hits.add(up);
    }
    for (const each of rows) {
      const is_leaf = each.row.className === "layer";
      const visible = words ? hits.has(each) && (!order || is_leaf) : order ? is_leaf : shown(each);
      each.row.hidden = !visible;
      const toggle = each.row.querySelector(".toggle");
      if (toggle) {
        toggle.textContent = each.open ? "▾" : "▸";
        toggle.setAttribute("aria-expanded", String(each.open));
      }
    }
  };

  for (const each of rows) {
    if (each.row.className !== "part") continue;
    const toggle = document.createElement("button");
    toggle.className = "toggle";
    toggle.type = "button";
    toggle.setAttribute("aria-label", `open ${each.path}`);
    toggle.addEventListener("click", () => { each.open = !each.open; draw(); });
    each.row.cells[0].prepend(toggle);
  }

  for (const head of table.tHead.rows[0].cells) {
    const key = head.dataset.key;
    if (!key || key === "name") continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const again = order === key;
      order = again ? null : key;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      if (order) head.setAttribute("aria-sort", "descending");
      const sorted = [...rows].sort((a, b) => order
        ? Number(b.row.dataset[key]) - Number(a.row.dataset[key]) || a.order - b.order
        : a.order - b.order);
      body.append(...sorted.map((each) => each.row));
      draw();
    });
  }

  const tools = document.createElement("div");
  tools.className = "tools";
  const open = (label, most) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      for (const each of rows) each.open = each.depth < most;
      draw();
    });
    tools.append(button);
  };
  open("parts", 0);
  open("blocks", 1);
  open("all layers", Infinity);
  const label = document.createElement("label");
  label.textContent = "find ";
  const find = document.createElement("input");
  find.type = "search";
  find.addEventListener("input", () => { wanted = find.value.trim(); draw(); });
  label.append(find);
  tools.append(label);
  table.parentElement.before(tools);
  draw();
}

const theme = document.getElementById("theme");
theme.hidden = false;
theme.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
