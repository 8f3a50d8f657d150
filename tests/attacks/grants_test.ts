/**
 * Grants to others than the master account: such an account would act at the backend past every rule of this program.
 * @module
 */

import assert from "node:assert/strict";
import { formatResponse } from "../support/recording_backend.ts";
import {
  ALICE,
  ProxyUnderTest,
  type SignedRequest,
  testListeners,
} from "../support/proxy_under_test.ts";

/** What users are shown as their own id. */
const OWN_ID = ALICE.accessKey;
const FOREIGN: readonly [name: string, header: string, element: string][] = [
  ["an account's id", 'id="other"', "<ID>other</ID>"],
  [
    "an account's id beside one's own",
    `id="${OWN_ID}", id="other"`,
    `<ID>${OWN_ID}</ID><ID>other</ID>`,
  ],
  ["one's own id and more", `id="${OWN_ID}x"`, `<ID>${OWN_ID}x</ID>`],
  [
    "an address",
    'emailAddress="other@example.com"',
    "<EmailAddress>other@example.com</EmailAddress>",
  ],
  [
    "an address beside one's own id",
    `id=${OWN_ID},emailaddress=other@example.com`,
    `<ID>${OWN_ID}</ID><EmailAddress>other@example.com</EmailAddress>`,
  ],
  ["a group", 'uri="http://acs.amazonaws.com/groups/s3/LogDelivery"', "<URI>a:b</URI>"],
];
const TARGETS = ["/mine", "/mine?acl", "/mine/k", "/mine/k?acl"];

/** Each way to say it, with what cannot be read as a grant at the end. */
const REFUSED: readonly (readonly [name: string, request: SignedRequest, code: string])[] = [
  ...FOREIGN.flatMap(([name, header, element]) => [
    ...TARGETS.flatMap((target) =>
      ["full-control", "read", "read-acp", "write", "write-acp"].flatMap((permission) => {
        const grant = `x-amz-grant-${permission}`;
        const separator = target.includes("?") ? "&" : "?";
        const hoisted = `${target}${separator}X-Amz-Grant-${permission}=${
          encodeURIComponent(header)
        }`;
        return [
          [name, { method: "PUT", target, headers: [[grant, header]] }, "AccessDenied"],
          [name, { method: "PUT", target: hoisted }, "AccessDenied"],
        ] as const;
      })
    ),
    ...["/mine?acl", "/mine/k?acl"].map((target) =>
      [name, { method: "PUT", target, body: buildAcl(element) }, "AccessDenied"] as const
    ),
  ]),
  ...["log-delivery-write", "aws-exec-read"].map((acl) =>
    [
      `the ACL ${acl}`,
      { method: "PUT", target: "/mine/k", headers: [["x-amz-acl", acl]] },
      "AccessDenied",
    ] as const
  ),
  ["an owner who is another", {
    method: "PUT",
    target: "/mine/k?acl",
    body: buildAcl(`<ID>${OWN_ID}</ID>`, "other"),
  }, "AccessDenied"],
  ...["", "id", `"${OWN_ID}"`, `id="${OWN_ID}`, `name="${OWN_ID}"`, `id="${OWN_ID}",`].map((
    header,
  ) =>
    [`no grantee, ${header}`, {
      method: "PUT",
      target: "/mine/k",
      headers: [["x-amz-grant-read", `id="${OWN_ID}"`], ["x-amz-grant-write", header || ","]],
    }, "InvalidArgument"] as const
  ),
  ["a canned ACL beside a grant", {
    method: "PUT",
    target: "/mine/k",
    headers: [["x-amz-grant-read", `id="${OWN_ID}"`], ["x-amz-acl", "private"]],
  }, "InvalidRequest"],
];

testListeners(
  "Z9 B9 a grant to anybody but the owner is refused, however it is said",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({ listener });
    for (const [name, request, code] of REFUSED) {
      const response = await proxy.send(request);
      assert.equal(response.errorCode, code, `${name}: ${JSON.stringify(request)}`);
      proxy.assertRefused(response, code);
    }
  },
);

testListeners(
  "B9 a grant to the user's own id reaches the backend as one to the master",
  async (listener) => {
    const acl =
      "<AccessControlPolicy><Owner><ID>master</ID></Owner><AccessControlList><Grant><Grantee " +
      'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">' +
      "<ID>master</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>" +
      "</AccessControlPolicy>";
    await using proxy = await ProxyUnderTest.start({
      listener,
      respond: ({ method }) =>
        method !== "GET" ? {} : { send: [formatResponse({ status: 200, headers: [], body: acl })] },
    });
    const read = await proxy.send({ target: "/mine/k?acl" });
    assert.match(read.text, new RegExp(`<Grantee .*<ID>${OWN_ID}</ID>`));
    proxy.backend.requests.length = 0;
    const written = await proxy.send({ method: "PUT", target: "/mine/k?acl", body: read.text });
    assert.equal(written.status, 200, written.text);
    const sent = proxy.backend.requests.at(-1);
    assert.equal(await sent?.bodyEnd, "complete");
    const sentText = new TextDecoder().decode(sent?.body);
    assert.match(sentText, /<Grantee .*<ID>master<\/ID><\/Grantee>/);
    assert.equal(sentText.includes(OWN_ID), false);

    for (const target of ["/mine/k", "/mine/k?acl", "/mine?acl"]) {
      for (
        const header of [`id="${OWN_ID}"`, `id=${OWN_ID} , id="${OWN_ID}"`]
      ) {
        proxy.backend.requests.length = 0;
        await proxy.send({
          method: "PUT",
          target,
          headers: [["x-amz-grant-full-control", header]],
          body: target === "/mine/k" ? "x" : "",
        });
        const [request] = proxy.backend.requests;
        assert.equal(request?.header("x-amz-acl"), "private");
        assert.equal(request?.header("x-amz-grant-full-control"), undefined);
      }
    }
  },
);

testListeners(
  "B9 with the setting off, other accounts are granted what they are granted",
  async (listener) => {
    await using proxy = await ProxyUnderTest.start({
      listener,
      settings: { security: { block_public_access: false } },
    });
    const put = (grant: string): SignedRequest => ({
      method: "PUT",
      target: "/mine/k",
      headers: [["x-amz-grant-read", grant]],
      body: "x",
    });
    await proxy.send(put('id="other"'));
    assert.equal(proxy.backend.requests.at(-1)?.header("x-amz-grant-read"), 'id="other"');
    await proxy.send(put(`id="${OWN_ID}"`));
    assert.equal(proxy.backend.requests.at(-1)?.header("x-amz-acl"), "private");
    proxy.backend.requests.length = 0;
    proxy.assertRefused(await proxy.send(put(`id="${OWN_ID}",id="other"`)), "NotImplemented");
  },
);

function buildAcl(grantee: string, owner = OWN_ID): string {
  return `<AccessControlPolicy><Owner><ID>${owner}</ID></Owner><AccessControlList><Grant><Grantee>${grantee}` +
    "</Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>";
}
