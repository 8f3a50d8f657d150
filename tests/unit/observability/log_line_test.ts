import assert from "node:assert/strict";
import { LIMITS } from "../../../src/limits.ts";
import {
  formatLogLine,
  type LogFormat,
  type LogLine,
  toLogFields,
} from "../../../src/observability/log_line.ts";

const TIMESTAMP_MS = Date.parse("2025-12-20T10:30:15.123Z");

function lineWith(line: Partial<LogLine>): LogLine {
  return {
    level: "info",
    timestampMs: TIMESTAMP_MS,
    message: "request completed",
    fields: {},
    ...line,
  };
}

const HOSTILE = {
  "a line feed": "a\nb",
  "a carriage return": "a\rb",
  "an escape sequence": "\x1b[2Jb",
  "a C1 escape": "\u009b2Jb",
  "a line separator": "a\u2028b\u2029c\u0085d",
  "a right-to-left override": "a\u202eb",
  "a zero-width space": "a\u200bb",
  "an astral tag": "a\u{e0041}b",
  "half a surrogate pair": "a\ud800b",
  "a null": "a\0b",
};

for (const format of ["json", "text"] satisfies LogFormat[]) {
  for (const [name, text] of Object.entries(HOSTILE)) {
    Deno.test(`formatLogLine() keeps ${name} out of ${format}`, () => {
      const line = formatLogLine(lineWith({ message: text, fields: { path: text } }), format);
      assert.match(line, /^[ -~]+\n$/);
    });
  }
}

Deno.test("formatLogLine() writes JSON that reads back as what went in", () => {
  for (const text of [...Object.values(HOSTILE), "grün 😀", '"\\', "a=b c"]) {
    const line = formatLogLine(lineWith({ message: text, fields: { path: text } }), "json");
    const { msg, path } = JSON.parse(line);
    assert.deepEqual({ msg, path }, { msg: text, path: text });
  }
});

Deno.test("formatLogLine() leaves readable text readable", () => {
  assert.ok(formatLogLine(lineWith({ fields: { path: "grün 😀" } }), "json").includes("grün 😀"));
  assert.ok(
    formatLogLine(lineWith({ fields: { path: "grün" } }), "text").endsWith(' path="grün"\n'),
  );
});

Deno.test("formatLogLine() writes level, ts and msg first and leaves out what is undefined", () => {
  const fields = { request_id: "R1", user: undefined, status: 200, duration: 0.0453, ok: true };
  assert.equal(
    formatLogLine(lineWith({ fields }), "json"),
    '{"level":"info","ts":"2025-12-20T10:30:15.123Z","msg":"request completed",' +
      '"request_id":"R1","status":200,"duration":0.0453,"ok":true}\n',
  );
  assert.equal(
    formatLogLine(lineWith({ level: "warn", fields }), "text"),
    "2025-12-20T10:30:15.123Z WARN request completed request_id=R1 status=200 duration=0.0453 " +
      "ok=true\n",
  );
});

Deno.test("formatLogLine() quotes a text value that could be taken for something else", () => {
  for (const value of ["", "a b", "user=admin", 'say "hi"', "back\\slash"]) {
    assert.equal(
      formatLogLine(lineWith({ message: "m", fields: { path: value, next: 1 } }), "text"),
      `2025-12-20T10:30:15.123Z INFO m path=${JSON.stringify(value)} next=1\n`,
    );
  }
});

Deno.test("formatLogLine() keeps the longest value and cuts one character more", () => {
  const longest = "a".repeat(LIMITS.logFieldCharactersMax);
  for (const [value, shown] of [[longest, longest], [longest + "b", longest + "…"]]) {
    const line = formatLogLine(lineWith({ fields: { path: value } }), "json");
    assert.equal(JSON.parse(line).path, shown);
  }
});

Deno.test("formatLogLine() writes dates as toISOString() does, also when the clock goes back", () => {
  for (const timestampMs of [0, 999, 1000, -1, 1_766_226_615_007, 1_766_226_614_090, 0]) {
    const line = formatLogLine(lineWith({ timestampMs }), "json");
    assert.equal(JSON.parse(line).ts, new Date(timestampMs).toISOString());
  }
});

Deno.test("toLogFields() makes a text of what is no plain value, and cuts it", () => {
  const long = "a".repeat(LIMITS.logFieldCharactersMax + 1);
  const fields = { error: new TypeError("bad"), big: 10n, ok: true, status: 200, long: [long] };
  assert.deepEqual(toLogFields(fields), {
    error: "TypeError: bad",
    big: "10",
    ok: true,
    status: 200,
    long: long.slice(1) + "…",
  });
});
