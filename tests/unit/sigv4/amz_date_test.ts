import assert from "node:assert/strict";
import { formatAmzDate, parseAmzDate, parseDateHeader } from "../../../src/sigv4/amz_date.ts";

for (
  const [problem, text] of [
    ["nothing", ""],
    ["a day alone", "20240101"],
    ["a missing Z", "20240101T000000"],
    ["a small t", "20240101t000000Z"],
    ["white space around", " 20240101T000000Z"],
    ["a line end", "20240101T000000Z\n"],
    ["two dates", "20240101T000000Z, 20240101T000000Z"],
    ["the extended format", "2024-01-01T00:00:00Z"],
    ["a month of 0", "20240001T000000Z"],
    ["a month of 13", "20241301T000000Z"],
    ["a day of 0", "20240100T000000Z"],
    ["30 February", "20240230T000000Z"],
    ["29 February of a common year", "20230229T000000Z"],
    ["an hour of 24", "20240101T240000Z"],
    ["a minute of 60", "20240101T006000Z"],
    ["a leap second", "20161231T235960Z"],
    ["other digits", "２0240101T000000Z"],
  ] as const
) {
  Deno.test(`parseAmzDate() rejects ${problem}`, () => {
    assert.equal(parseAmzDate(text), undefined);
  });
}

Deno.test("parseAmzDate() reads a date alike, whatever it has read before", () => {
  const dates = ["20240229T235958Z", "20240229T235959Z", "20240229T235958Z", "20240229T235958Z"];
  for (const text of dates) {
    assert.equal(parseAmzDate(text)?.amzDate, text);
    assert.equal(parseAmzDate("20240230T235958Z"), undefined);
    assert.equal(parseAmzDate(text)?.instant.getUTCSeconds(), Number(text.slice(13, 15)));
  }
});

Deno.test("parseAmzDate() reads the instant", () => {
  assert.deepEqual(parseAmzDate("20240229T235958Z"), {
    amzDate: "20240229T235958Z",
    instant: new Date(Date.UTC(2024, 1, 29, 23, 59, 58)),
  });
});

for (
  const text of [
    "",
    "Friday, 24-May-13 00:00:00 GMT",
    "Fri May 24 00:00:00 2013",
    "Fri, 24 May 2013 00:00:00 +0000",
    "Fri, 24 Foo 2013 00:00:00 GMT",
    "Fri, 24 May 2013 25:00:00 GMT",
    "1369353600",
  ]
) {
  Deno.test(`parseDateHeader() rejects "${text}"`, () => {
    assert.equal(parseDateHeader(text), undefined);
  });
}

for (const text of ["Fri, 24 May 2013 01:02:03 GMT", "20130524T010203Z"]) {
  Deno.test(`parseDateHeader() reads "${text}"`, () => {
    assert.deepEqual(parseDateHeader(text), {
      amzDate: "20130524T010203Z",
      instant: new Date("2013-05-24T01:02:03Z"),
    });
  });
}

Deno.test("formatAmzDate() cuts milliseconds", () => {
  assert.equal(formatAmzDate(new Date("2013-05-24T01:02:03.999Z")), "20130524T010203Z");
});
