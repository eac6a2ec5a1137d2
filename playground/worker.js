// Runs bncalc in a worker: Python starts with the first question, and questions are answered in turn.
import { loadPyodide } from "./pyodide.mjs";

const tell = (message) => postMessage(message);
let ready;

async function start() {
  tell({ stage: "Loading Python (13 MB the first time, then from the cache) …" });
  const fetched = fetch("packages.zip").then((answer) => {
    if (!answer.ok) throw new Error(`packages.zip: ${answer.status}`);
    return answer.arrayBuffer();
  });
  const python = await loadPyodide({ indexURL: new URL("./", self.location).href });
  tell({ stage: "Loading bncalc …" });
  python.unpackArchive(await fetched, "zip", { extractDir: python.runPython("import site; site.getsitepackages()[0]") });
  const source = await (await fetch("run.py")).text();
  python.FS.writeFile("/home/pyodide/playground_run.py", source);
  tell({ stage: "Starting bncalc …" });
  return python.pyimport("playground_run");
}

onmessage = async ({ data: { number, file, text, calls } }) => {
  try {
    ready ??= start();
    const program = await ready;
    program.write(file, text);
    const answers = calls.map(({ words, columns, picture }) =>
      picture ? program.picture(JSON.stringify(words)) : JSON.parse(program.run(JSON.stringify(words), columns)),
    );
    tell({ number, answers });
  } catch (error) {
    tell({ number, failure: String(error.message ?? error) });
  }
};
