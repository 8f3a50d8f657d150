import assert from "node:assert/strict";
import { listObjectsV2, listObjectVersions } from "../../../../src/console/page/s3_client.js";
import type { Session } from "../../../../src/console/page/session.js";

/** Somebody who is answered `document`, whatever is asked. */
function answeredWith(document: string): Session {
  const url = `data:application/xml,${encodeURIComponent(document)}`;
  const fail = (): never => assert.fail("only lists are asked for");
  return {
    accessKeyId: "key",
    endpoint: "",
    region: "",
    expiresAt: undefined,
    role: undefined,
    signS3: () => Promise.resolve({ method: "GET", url, headers: new Headers() }),
    presign: fail,
    signConsole: fail,
  };
}

/** A list with names that are other names, once they are decoded. */
function formatList(entry: string, encoding: string): string {
  return `<ListResult>${encoding}<${entry}><Key>a%2Fb+c</Key></${entry}>` +
    "<CommonPrefixes><Prefix>d%2Fe/</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated>" +
    "<NextKeyMarker>f%2Fg</NextKeyMarker></ListResult>";
}

const ENCODED = "<EncodingType>url</EncodingType>";
const PLACE = { bucket: "mine", prefix: "" };

Deno.test("W names of a list are decoded only where the store says that it has encoded them", async () => {
  for (const [encoding, key, prefix] of [[ENCODED, "a/b c", "d/e/"], ["", "a%2Fb+c", "d%2Fe/"]]) {
    const objects = answeredWith(formatList("Contents", encoding ?? ""));
    const { objects: [object], prefixes } = await listObjectsV2(objects, PLACE);
    assert.deepEqual([object?.key, ...prefixes], [key, prefix]);
    const session = answeredWith(formatList("Version", encoding ?? ""));
    const { versions: [version], next } = await listObjectVersions(session, PLACE);
    assert.equal(version?.key, key);
    assert.equal(next?.["key-marker"], encoding === "" ? "f%2Fg" : "f/g");
  }
});
