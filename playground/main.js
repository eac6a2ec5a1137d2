// The page: what is written goes to the worker as a command, and what comes back is drawn.
import { goTo, makeEditor, underline } from "./editor.js";
import { decode, encode } from "./link.js";
import built from "./node_modules/.built.json";
import { draw, element } from "./table.js";

const FILE = "net.yaml";
const WAIT = 150; // milliseconds without a key before an answer is asked for
const TABLES = new Set(["compare", "show", "memory", "conventions", "sweep", "fit", "diff", "list", "sensitivity"]);
const VIEWS = {
  Compare: { words: () => `compare ${FILE} --columns params,macs,activations,peak`, pictures: (design) => [["bars", FILE], ["block", design]] },
  Layers: { words: (design) => `show ${design}`, pictures: (design) => [["parts", design, "--by", "macs"]] },
  Memory: { words: (design) => `memory ${design}`, pictures: (design) => [["memory", design]] },
  Formula: { words: (design) => `formula ${design} --vary h,w`, pictures: () => [] },
  Conventions: { words: (design) => `conventions ${design}`, pictures: () => [] },
  JSON: { words: () => `compare ${FILE} --format json`, pictures: () => [] },
};

const at = (id) => document.getElementById(id);
const names = Object.keys(built.examples);
const titles = Object.fromEntries(names.map((name) => [name, name.slice(2).replace("-", " ")]));
let editor, view = "Compare", worker, number = 0, asked = null, waiting, began;

function design() {
  return at("design").value ? `${FILE}#${at("design").value}` : FILE;
}

function choose(name) {
  view = name;
  for (const button of at("views").children) button.ariaPressed = String(button.textContent === name);
  if (name) at("words").value = VIEWS[name].words(design());
}

function split(line) {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c);
}

function theme() {
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

// The question of now: the designs of the text, the command, and the pictures that belong to it.
function question() {
  const words = split(at("words").value);
  const isTable = TABLES.has(words[0]) && !words.some((word) => /^(-f|--format|--source|-o|--output)/.test(word));
  const pictures = VIEWS[view] ? VIEWS[view].pictures(design()) : [];
  return {
    isTable,
    calls: [
      { words: ["compare", FILE, "--format", "json"], columns: 100 },
      { words: isTable ? [...words, "--format", "markdown"] : words, columns: 100 },
      ...pictures.map((plot) => ({ words: [...plot, "--theme", theme()], picture: true })),
    ],
  };
}

function ask() {
  clearTimeout(waiting);
  document.body.dataset.idle = "false";
  if (!worker) start();
  const { isTable, calls } = question();
  asked = { number: ++number, isTable, file: FILE, text: editor.state.doc.toString(), calls };
  if (!worker.busy) send();
}

// One question is with the worker at a time; of those that come meanwhile only the last is sent.
function send() {
  began = performance.now();
  worker.busy = asked;
  const { isTable, ...message } = asked;
  worker.postMessage(message);
  asked = null;
  tell("Working …", true);
  at("stop").hidden = false;
}

function start() {
  worker = new Worker("worker.js", { type: "module" });
  worker.onmessage = ({ data }) => (data.stage ? tell(data.stage, true) : received(data));
  worker.onerror = (event) => received({ failure: event.message || "the worker could not be loaded" });
}

function stop() {
  worker?.terminate();
  worker = asked = null;
  at("stop").hidden = true;
  tell("Stopped. Python starts anew with the next question.");
}

function received({ answers, failure }) {
  const { isTable } = worker.busy;
  worker.busy = null;
  at("stop").hidden = true;
  if (failure) {
    stop();
    return show([element("pre", { className: "wrong" }, failure)], "It could not be answered.");
  }
  if (asked) return send();
  const [compared, answer, ...pictures] = answers;
  designs(compared);
  problems(compared.code ? compared.errors : answer.errors);
  const shown = isTable && !answer.code ? draw(answer.answer) : answer.answer ? [text(answer.answer)] : [];
  if (answer.code === 2 || (answer.code && !answer.answer)) {
    shown.push(element("pre", { className: "wrong" }, answer.errors));
  }
  shown.push(...answer.files.flatMap(written));
  if (!shown.length) shown.push(element("p", { className: "quiet" }, "It printed nothing."));
  const figures = pictures.filter(Boolean).map(figure);
  show(view === "Compare" ? [...shown, ...figures] : [...figures, ...shown]);
  const milliseconds = Math.round(performance.now() - began);
  if (!worker.busy) tell(`Answered in ${milliseconds} ms${answer.code ? `, exit code ${answer.code}` : ""}`);
}

function text(answer) {
  return element("div", { className: "scroll" }, element("pre", { tabIndex: 0 }, answer));
}

function figure(svg) {
  const parsed = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
  return element("figure", { tabIndex: 0 }, document.importNode(parsed, true));
}

// A file that a command has written, to be looked at and saved. A page is shown without its script,
// which the policy of this one does not let run.
function written({ name, text: content }) {
  const href = URL.createObjectURL(new Blob([content]));
  const link = element("p", {}, element("a", { href, download: name }, `Save ${name}`));
  if (name.endsWith(".svg")) return [figure(content), link];
  if (!name.endsWith(".html")) return [text(content), link];
  const page = new DOMParser().parseFromString(content, "text/html");
  page.querySelectorAll("script").forEach((script) => script.remove());
  return [element("iframe", { title: name, srcdoc: page.documentElement.outerHTML }), link];
}

function show(elements) {
  at("answer").replaceChildren(...elements);
}

function tell(message, isWorking = false) {
  document.body.dataset.idle = String(!isWorking);
  at("status").textContent = message;
  at("status").classList.toggle("working", isWorking);
}

// Keep the list of designs that the views are of as the text has them.
function designs({ code, answer }) {
  if (code) return;
  const listed = JSON.parse(answer).designs.map(({ name }) => name);
  const alternatives = listed.length > 1 ? listed : [];
  const before = [...at("design").options].map(({ value }) => value);
  at("of").hidden = !alternatives.length;
  if (before.join("\n") === alternatives.join("\n")) return;
  const chosen = at("design").value;
  at("design").replaceChildren(...alternatives.map((name) => new Option(name)));
  at("design").value = alternatives.includes(chosen) ? chosen : (alternatives[1] ?? "");
  if (view) {
    const words = at("words").value;
    choose(view);
    if (words !== at("words").value || view === "Compare") ask();
  }
}

function problems(errors) {
  const listed = [...errors.matchAll(/^net\.yaml:(\d+):(\d+): error: (.*)$/gm)].map(
    ([, line, column, message]) => ({ line: Number(line), column: Number(column), message }));
  underline(editor, listed);
  at("problems").hidden = !listed.length;
  at("problems").replaceChildren(...listed.map((problem) => {
    const { line, column, message } = problem;
    const button = element("button", { type: "button", onclick: () => goTo(editor, problem) }, `${line}:${column}: ${message}`);
    return element("li", {}, button);
  }));
}

async function share() {
  const fragment = await encode({ text: editor.state.doc.toString(), words: at("words").value });
  history.replaceState(null, "", `#${fragment}`);
  await navigator.clipboard?.writeText(location.href).catch(() => {});
  tell("The link in the address bar carries the text and the command.");
}

function replace(content) {
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: content } });
}

async function open() {
  for (const name of Object.keys(VIEWS)) {
    const press = () => { choose(name); ask(); };
    at("views").append(element("button", { type: "button", ariaPressed: "false", onclick: press }, name));
  }
  at("example").replaceChildren(...names.map((name) => new Option(titles[name], name)));
  const shared = location.hash.length > 1 ? await decode(location.hash.slice(1)).catch(() => null) : null;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT);
    document.body.dataset.idle = "false";
  };
  editor = makeEditor(at("editor"), shared?.text ?? built.examples[names[0]], built.vocabulary, later);
  choose("Compare");
  document.body.dataset.idle = "true";
  if (shared) {
    at("words").value = shared.words;
    choose(Object.keys(VIEWS).find((name) => VIEWS[name].words(FILE) === shared.words) ?? null);
    ask();
  }
  at("example").onchange = () => { replace(built.examples[at("example").value]); choose(view ?? "Compare"); };
  at("design").onchange = () => { choose(view ?? "Layers"); ask(); };
  at("words").oninput = () => { if (view) choose(null); };
  at("ask").onsubmit = (event) => { event.preventDefault(); ask(); };
  at("share").onclick = share;
  at("stop").onclick = stop;
  matchMedia("(prefers-color-scheme: dark)").onchange = () => worker && ask();
}

open();
