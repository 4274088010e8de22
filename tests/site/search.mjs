// Ask the site's own search: `node search.mjs SITE`, questions as JSON on standard input.
// The worker that a browser loads runs here with its messages; the answer is, for each
// question, the addresses of the pages found, best first.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const site = process.argv[2];
const folder = join(site, "assets/javascripts/workers");
const worker = readdirSync(folder).find((name) => /^search\..*\.js$/.test(name));

let listen;
let answer;
globalThis.self = globalThis;
globalThis.addEventListener = (kind, listener) => { if (kind === "message") listen = listener; };
globalThis.postMessage = (message) => answer(message);
(0, eval)(readFileSync(join(folder, worker), "utf8"));

const ask = (message) => new Promise((resolve) => { answer = resolve; listen({ data: message }); });

const index = JSON.parse(readFileSync(join(site, "search/search_index.json"), "utf8"));
await ask({ type: 0, data: { ...index, options: { suggest: false } } });
const found = [];
for (const question of JSON.parse(readFileSync(0, "utf8"))) {
  const { data } = await ask({ type: 2, data: question });
  found.push(data.items.map((sections) => sections[0].location.split("#")[0]));
}
console.log(JSON.stringify(found));
