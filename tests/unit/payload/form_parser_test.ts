import assert from "node:assert/strict";
import fc from "fast-check";
import { LIMITS } from "../../../src/limits.ts";
import { FormParser, parseFormBoundary } from "../../../src/payload/form_parser.ts";
import { S3Error } from "../../../src/s3/error.ts";
import { joinBytes } from "../../support/wire.ts";
import { cutAt } from "./sample_bodies.ts";

const BOUNDARY = "b-b";

interface Part {
  readonly name: string;
  readonly filename: string;
  readonly data: string;
}

/** What a parser makes of `pieces`; a part's data in one. */
function parse(pieces: Iterable<Uint8Array>): Part[] {
  const parser = new FormParser(BOUNDARY);
  const parts: Part[] = [];
  let data: Uint8Array[] = [];
  let hasEnded = false;
  for (const piece of pieces) {
    for (const event of parser.push(piece)) {
      assert.equal(hasEnded, false);
      if (event.kind === "part") parts.push({ ...event.head, data: "" });
      else if (event.kind === "data") data.push(event.data.slice());
      else if (event.kind === "part_end") {
        const last = parts.pop();
        assert(last !== undefined);
        parts.push({ ...last, data: new TextDecoder("latin1").decode(joinBytes(data)) });
        data = [];
      } else hasEnded = true;
    }
  }
  parser.end();
  assert(hasEnded);
  return parts;
}

function part(disposition: string, data: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: ${disposition}\r\n\r\n${data}\r\n`;
}

const CLOSE = `--${BOUNDARY}--\r\n`;
const DATA = [
  "",
  "text",
  "\r\n",
  "\r",
  "\r\n--b-",
  "\r\n--b-\r\n--b",
  "\r\r\n\n--b-b",
  "--b-b--",
  "\r\n-\r\n--\r\n--b\r\n",
  "\r\n--b-\r",
  "\0\xff",
];
const SAMPLE = DATA.map((data, index) => ({ name: `f${index}`, filename: "", data }));
const SAMPLE_BYTES = joinBytes([
  ...SAMPLE.map(({ name, data }) => part(`form-data; name="${name}"`, data)),
  CLOSE,
]);

Deno.test("FormParser reads the same at every split", () => {
  assert.deepEqual(parse([SAMPLE_BYTES]), SAMPLE);
  for (let at = 1; at < SAMPLE_BYTES.length; at++) {
    const pieces = [SAMPLE_BYTES.subarray(0, at), SAMPLE_BYTES.subarray(at)];
    assert.deepEqual(parse(pieces), SAMPLE, `split at ${at}`);
  }
  assert.deepEqual(parse(Array.from(SAMPLE_BYTES, (byte) => Uint8Array.of(byte))), SAMPLE);
});

Deno.test("FormParser gives back any data, cut anywhere", () => {
  const text = fc.string({ unit: fc.constantFrom("\r", "\n", "-", "b", "x"), maxLength: 40 })
    .filter((data) => !`\r\n${data}\r\n`.includes(`\r\n--${BOUNDARY}`));
  const cuts = fc.array(fc.nat(400), { maxLength: 6 });
  fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), cuts, (texts, at) => {
    const parts = texts.map((data, index) => ({ name: `f${index}`, filename: "", data }));
    const bytes = joinBytes([
      ...parts.map(({ name, data }) => part(`form-data; name="${name}"`, data)),
      CLOSE,
    ]);
    assert.deepEqual(parse(cutAt(bytes, at)), parts);
  }));
});

Deno.test("FormParser tells where a part's data begins", () => {
  const parser = new FormParser(BOUNDARY);
  const bytes = joinBytes([part('form-data; name="file"', "rest"), CLOSE]);
  const [event] = parser.push(bytes);
  assert(event?.kind === "part");
  const rest = [...parser.push(bytes.subarray(event.dataAt))];
  assert.deepEqual(rest.map(({ kind }) => kind), ["data", "part_end", "end"]);
});

const HEADS: readonly (readonly [head: string, name: string, filename: string])[] = [
  ['Content-Disposition: form-data; name="a"', "a", ""],
  ["content-disposition:form-data;name=a", "a", ""],
  ['CONTENT-DISPOSITION: Form-Data; filename="x.txt"; NAME="a"', "a", "x.txt"],
  ['Content-Type: text/plain\r\nContent-Disposition: form-data; name="a"; filename="é"', "a", "é"],
  ['Content-Disposition: form-data; name="a"; filename="a\\"b"', "a", 'a\\"b'],
  ["Content-Disposition: form-data; name=\"a;b\"; filename*=UTF-8''x", "a;b", ""],
  ['Content-Disposition: form-data; name=""', "", ""],
];

for (const [head, name, filename] of HEADS) {
  Deno.test(`FormParser reads the head ${JSON.stringify(head)}`, () => {
    const text = `--${BOUNDARY}\r\n${head}\r\n\r\nx\r\n${CLOSE}`;
    assert.deepEqual(parse([new TextEncoder().encode(text)]), [{ name, filename, data: "x" }]);
  });
}

const GOOD = part('form-data; name="a"', "x");

const BAD: Readonly<Record<string, string>> = {
  "nothing": "",
  "an end alone": `--${BOUNDARY}`,
  "a preamble": `hello\r\n${GOOD}${CLOSE}`,
  "a line break first": `\r\n${GOOD}${CLOSE}`,
  "another boundary": GOOD.replace(BOUNDARY, "c-c") + CLOSE,
  "a longer boundary": GOOD.replace(BOUNDARY, `${BOUNDARY}b`) + CLOSE,
  "a blank behind the boundary": GOOD.replace(BOUNDARY, `${BOUNDARY} `) + CLOSE,
  "a bare line feed behind the boundary": GOOD.replace("\r\n", "\n") + CLOSE,
  "no end": GOOD,
  "half an end": `${GOOD}--${BOUNDARY}-`,
  "half a line break at the end": `${GOOD}--${BOUNDARY}--\r`,
  "bytes behind the end": `${GOOD}${CLOSE}x`,
  "a second line break behind the end": `${GOOD}${CLOSE}\r\n`,
  "a part without a head": `--${BOUNDARY}\r\n\r\nx\r\n${CLOSE}`,
  "a head without a disposition": `--${BOUNDARY}\r\nA: b\r\n\r\nx\r\n${CLOSE}`,
  "two dispositions":
    GOOD.replace("\r\n\r\n", '\r\nContent-Disposition: form-data; name="b"\r\n\r\n') + CLOSE,
  "a folded header": GOOD.replace("form-data;", "form-data;\r\n ") + CLOSE,
  "a blank before the colon": GOOD.replace("Disposition:", "Disposition :") + CLOSE,
  "a bare line feed in a head": GOOD.replace("form-data;", "form-data;\n") + CLOSE,
  "an attachment": GOOD.replace("form-data", "attachment") + CLOSE,
  "no name": GOOD.replace('; name="a"', "") + CLOSE,
  "two names": GOOD.replace('name="a"', 'name="a"; name="b"') + CLOSE,
  "a backslash in a name": GOOD.replace('name="a"', 'name="a\\b"') + CLOSE,
  "a name that is not closed": GOOD.replace('name="a"', 'name="a') + CLOSE,
  "a name that is not UTF-8": GOOD.replace('name="a"', 'name="\xff"') + CLOSE,
};

for (const [name, text] of Object.entries(BAD)) {
  Deno.test(`FormParser refuses ${name}`, () => {
    assert.throws(() => parse([joinBytes([text])]), { code: "MalformedPOSTRequest" });
    const bytes = Array.from(joinBytes([text]), (byte) => Uint8Array.of(byte));
    assert.throws(() => parse(bytes), { code: "MalformedPOSTRequest" });
  });
}

Deno.test("FormParser refuses a head that is one byte too long", () => {
  const head = (bytes: number): string => {
    const fixed = 'Content-Disposition: form-data; name="a"\r\nX: \r\n\r\n';
    return `--${BOUNDARY}\r\n${fixed.replace("X: ", `X: ${"x".repeat(bytes - fixed.length)}`)}`;
  };
  const whole = (bytes: number): Uint8Array => joinBytes([head(bytes), "x\r\n", CLOSE]);
  assert.equal(parse([whole(LIMITS.formPartHeadBytesMax)]).length, 1);
  assert.throws(() => parse([whole(LIMITS.formPartHeadBytesMax + 1)]), {
    code: "MaxPostPreDataLengthExceededError",
  });
});

Deno.test("FormParser takes linear time for what looks like boundaries", () => {
  const bytes = joinBytes([GOOD.slice(0, -2), "\r\n--b-".repeat(200_000), "\r".repeat(500_000)]);
  const parser = new FormParser(BOUNDARY);
  let length = 0;
  for (const event of parser.push(bytes)) if (event.kind === "data") length += event.data.length;
  assert(length > 1_000_000);
});

Deno.test("parseFormBoundary() reads the one boundary of a form", () => {
  for (
    const [type, boundary] of [
      ["multipart/form-data; boundary=abc", "abc"],
      ['Multipart/Form-Data;boundary="a b"', undefined],
      ['multipart/form-data; charset=utf-8; boundary="a:b"', "a:b"],
      [`multipart/form-data; boundary=${"b".repeat(70)}`, "b".repeat(70)],
      [`multipart/form-data; boundary=${"b".repeat(71)}`, undefined],
      ["multipart/form-data", undefined],
      ["multipart/form-data; boundary=", undefined],
      ["multipart/form-data; boundary=a; boundary=b", undefined],
      ["multipart/mixed; boundary=abc", undefined],
      ["application/x-www-form-urlencoded", undefined],
      ["", undefined],
    ] as const
  ) assert.equal(parseFormBoundary(type), boundary, type);
});

Deno.test("fuzz: FormParser throws nothing but an S3Error", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(SAMPLE_BYTES.length), { maxLength: 4 }),
      fc.nat(255),
      (at, byte) => {
        const bytes = SAMPLE_BYTES.slice();
        for (const index of at) bytes[index] = byte;
        try {
          parse(cutAt(bytes, at));
        } catch (error) {
          assert(error instanceof S3Error, String(error));
        }
      },
    ),
  );
});
