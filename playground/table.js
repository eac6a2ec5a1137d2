// Markdown as bncalc writes it: tables, titles in bold, notes; each becomes elements, never markup.

export function draw(markdown) {
  const blocks = markdown.trim().split(/\n{2,}/);
  const drawn = [];
  let title = "";
  for (const block of blocks) {
    const bold = block.match(/^\*\*(.*)\*\*$/s);
    if (bold) title = plain(bold[1]);
    else if (block.startsWith("|")) {
      drawn.push(table(title, block.split("\n")));
      title = "";
    } else drawn.push(element("p", { className: "notes" }, plain(block)));
  }
  return drawn;
}

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function table(title, lines) {
  const [head, marks, ...rows] = lines.map(cells);
  const right = marks.map((mark) => mark.endsWith(":"));
  const made = element("table");
  if (title) made.append(element("caption", {}, title));
  const row = (name, texts) =>
    element("tr", {}, ...texts.map((text, i) =>
      element(name, { className: right[i] ? "right" : "", ...(name === "th" ? { scope: "col" } : {}) }, plain(text))));
  made.append(element("thead", {}, row("th", head)), element("tbody", {}, ...rows.map((texts) => row("td", texts))));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: title || "Table" }, made);
}

function cells(line) {
  return line.replace(/^\| ?| ?\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim());
}

function plain(text) {
  return text.replace(/^\*\*|\*\*$/g, "").replace(/\\([\\`*_{}[\]()#+\-.!|<>~])/g, "$1")
    .replace(/&(lt|gt|amp|nbsp);/g, (_, name) => ({ lt: "<", gt: ">", amp: "&", nbsp: "\u00a0" })[name]);
}
