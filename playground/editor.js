// The editor: YAML with completion, explanations and problems at their place.
import { autocompletion } from "@codemirror/autocomplete";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorView, hoverTooltip } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--word)" },
  { tag: [tags.number, tags.bool, tags.string, tags.content], color: "var(--number)" },
  { tag: [tags.comment, tags.lineComment], color: "var(--muted)" },
]);

const theme = EditorView.theme({
  "&": { backgroundColor: "var(--paper)", color: "var(--ink)" },
  ".cm-content": { caretColor: "var(--ink)", fontFamily: "ui-monospace, monospace" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--muted)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--chosen) 45%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--chosen) !important" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)", maxWidth: "32rem" },
  ".cm-tooltip-hover p": { margin: ".4rem .6rem" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--chosen)", color: "var(--ink)" },
  ".cm-scroller": { overflow: "auto" },
});

export function makeEditor(parent, text, vocabulary, changed) {
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      basicSetup,
      yaml(),
      theme,
      syntaxHighlighting(colours),
      lintGutter(),
      autocompletion({ icons: false, override: [(context) => complete(context, vocabulary)] }),
      hoverTooltip((view, at) => explain(view, at, vocabulary)),
      EditorView.contentAttributes.of({ "aria-label": "Model in YAML", spellcheck: "false" }),
      EditorView.updateListener.of((update) => update.docChanged && changed(update.state.doc.toString())),
    ],
  });
  view.scrollDOM.tabIndex = 0; // what scrolls is reached with the keyboard
  return view;
}

export function underline(view, problems) {
  const document = view.state.doc;
  const diagnostics = problems.filter(({ line }) => line <= document.lines).map(({ line, column, message }) => {
    const from = Math.min(document.line(line).from + column - 1, document.line(line).to);
    const word = document.sliceString(from, document.line(line).to).match(/^[\w=*+-]+/);
    return { from, to: from + (word ? word[0].length : 0), severity: "error", message };
  });
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

export function goTo(view, { line, column }) {
  const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
  view.dispatch({ selection: { anchor: Math.min(at.from + column - 1, at.to) }, scrollIntoView: true });
  view.focus();
}

// What may stand here: fields within the braces of a word or below it, keys at the margin, else words.
function choices(before, above, { keys, words }) {
  const open = before.lastIndexOf("{") > before.lastIndexOf("}") ? before.slice(0, before.lastIndexOf("{")) : null;
  const owner = open?.match(/(\w+):\s*$/)?.[1];
  if (owner && words[owner]) return words[owner].fields;
  if (open === null && /^\w*$/.test(before)) return keys;
  const indent = before.match(/^\s*/)[0].length;
  const parent = above.findLast((line) => line.trim() && line.match(/^\s*/)[0].length < indent && !/^\s*#/.test(line));
  const kind = parent?.match(/(\w+):\s*$/)?.[1];
  if (open === null && words[kind] && !before.trim().startsWith("-")) return words[kind].fields;
  return Object.fromEntries(Object.entries(words).map(([word, { about }]) => [word, about]));
}

function complete(context, vocabulary) {
  const typed = context.matchBefore(/\w*/);
  if (typed.from === typed.to && !context.explicit) return null;
  const line = context.state.doc.lineAt(context.pos);
  const before = context.state.sliceDoc(line.from, context.pos);
  if (/[:=]\s*\w*$/.test(before) && !/\{\s*\w*$/.test(before)) return null; // a value, not a key
  const above = context.state.sliceDoc(0, line.from).split("\n");
  const offered = choices(before, above, vocabulary);
  return {
    from: typed.from,
    options: Object.entries(offered).map(([label, info]) => ({ label, info, type: "keyword" })),
    validFor: /^\w*$/,
  };
}

function explain(view, at, vocabulary) {
  const line = view.state.doc.lineAt(at);
  const found = [...line.text.matchAll(/\w+/g)].find(
    ({ index, 0: word }) => line.from + index <= at && at <= line.from + index + word.length,
  );
  if (!found) return null;
  const [word] = found;
  const before = line.text.slice(0, found.index);
  const above = view.state.sliceDoc(0, line.from).split("\n");
  const field = choices(before + word, above, vocabulary)[word];
  const kind = vocabulary.words[word];
  const text = kind ? [kind.about, kind.paper] : [field];
  if (!text[0]) return null;
  return {
    pos: line.from + found.index,
    end: line.from + found.index + word.length,
    create: () => {
      const dom = document.createElement("div");
      for (const part of text.filter(Boolean)) dom.append(Object.assign(document.createElement("p"), { textContent: part }));
      return { dom };
    },
  };
}
