import assert from "node:assert/strict";
import { OPERATIONS } from "../../../src/s3/operation_table.ts";
import { findSetting, isDocumentOf, verifyKnownSetting } from "../../../src/s3/settings.ts";
import { PRESETS } from "../../../src/stores/presets.ts";
import { SETTINGS } from "../../../src/stores/capabilities.ts";
import { assertRefused } from "./sample_request.ts";

Deno.test("findSetting() has operations for every setting", () => {
  const found = new Set(OPERATIONS.map(findSetting));
  assert.deepEqual(SETTINGS.filter((setting) => !found.has(setting)), []);
});

for (
  const [kind, name, method] of [
    ["ceph", "GetBucketEncryption", "GET"],
    ["minio", "DeletePublicAccessBlock", "DELETE"],
    ["minio", "PutBucketCors", "PUT"],
    ["s3proxy", "PutObjectTagging", "PUT"],
    ["other", "PutBucketVersioning", "PUT"],
    ["other", "DeleteBucketCors", "DELETE"],
  ] as const
) {
  Deno.test(`verifyKnownSetting() keeps ${name} from ${kind}`, () => {
    assertRefused(() => verifyKnownSetting({ name, method }, PRESETS[kind]), "NotImplemented");
    verifyKnownSetting({ name, method }, PRESETS.aws);
  });
}

Deno.test("verifyKnownSetting() lets a setting be read that cannot be written", () => {
  verifyKnownSetting({ name: "GetBucketCors", method: "GET" }, PRESETS.minio);
  verifyKnownSetting({ name: "PutObject", method: "PUT" }, PRESETS.other);
});

for (
  const [setting, document, isIt] of [
    ["cors", '<?xml version="1.0"?>\n<CORSConfiguration xmlns="u"/>', true],
    ["cors", "<CORSConfiguration/>", true],
    ["cors", "", false],
    ["cors", "<ListBucketResult><CORSConfiguration/></ListBucketResult>", false],
    ["cors", "<!-- <CORSConfiguration/> --><ListBucketResult/>", false],
    ["cors", "<CORSConfigurations/>", false],
    ["publicAccessBlock", "<BlockPublicAccessBlockConfiguration/>", true],
    ["tagging", "<Tagging></Tagging>", true],
    ["policy", ' {"Version":"2012-10-17"}', true],
    ["policy", "<ListBucketResult/>", false],
  ] as const
) {
  Deno.test(`isDocumentOf() of ${setting} and ${document}`, () => {
    assert.equal(isDocumentOf(setting, document), isIt);
  });
}
