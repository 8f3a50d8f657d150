/** docs/SECURITY.md tells the bounds of src/limits.ts, and no others. */

import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";

const ROOT = new URL("../../../", import.meta.url);
const text = await Deno.readTextFile(new URL("docs/SECURITY.md", ROOT));

/** What no client and no backend can drive: its files, its threads, its own pace. */
const OF_THE_OPERATOR =
  /^(?:config|namedFile|users(?!Compared)|keyPairs|secret|worker|duration|policy|shutdown|uploadsBefore|demo|eventLoop|readiness|backendSilence|restart)/;

/** `30 s`, `64 KiB`, `10 000`: how the document writes a bound. */
function formatBound(name: string, value: number): string {
  const isRate = /^bytesPerSecond\w+Min$/.test(name);
  const isSize = isRate || /(?:Bytes|Characters)(?:Max|PerSecondMax)?$/.test(name) && value > 1024;
  if (isSize && value % 1024 === 0) {
    const power = Math.min(3, Math.floor(Math.log2(value) / 10));
    return `${value / 1024 ** power} ${["", "KiB", "MiB", "GiB"][power]}`;
  }
  if (/Ms(?:Max)?$/.test(name)) return value < 1000 ? `${value} ms` : formatSeconds(value / 1000);
  if (/SecondsMax$/.test(name)) return formatSeconds(value);
  return value < 10_000 ? String(value) : String(value).replace(/\B(?=(?:\d{3})+$)/g, " ");
}

function formatSeconds(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} days`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 && seconds >= 900 ? `${seconds / 60} min` : `${seconds} s`;
}

const told = [
  ...text.matchAll(
    /(\d[\d ]*(?: (?:bytes|characters|[KMG]iB(?:\/s)?|ms|s|min|h|days|fields|headers|lines))?) \(`(\w+)`\)/g,
  ),
];

Deno.test("docs/SECURITY.md tells each bound as it is", () => {
  assert.ok(told.length > 40, `${told.length} bounds were found`);
  for (const [, bound = "", name = ""] of told) {
    const value: unknown = Object.entries(LIMITS).find(([key]) => key === name)?.[1];
    assert.equal(typeof value, "number", `${name} is no limit`);
    const expected = formatBound(name, Number(value));
    assert.equal(
      bound.replace(/ (?:bytes|characters|fields|headers|lines)$|\/s$/, ""),
      expected,
      name,
    );
  }
});

Deno.test("every limit in docs/SECURITY.md's tables stands beside its value", () => {
  const names = [...text.matchAll(/\(`(\w+)`\)/g)].map(([, name]) => name);
  assert.deepEqual(names, told.map(([, , name]) => name));
});

Deno.test("docs/SECURITY.md names no bound that only an operator's files can reach", () => {
  assert.deepEqual(told.filter(([, , name = ""]) => OF_THE_OPERATOR.test(name)), []);
});
