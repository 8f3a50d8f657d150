/** F Forms signed with temporary credentials: the token is a field like any other, which the policy has to cover. */

import assert from "node:assert/strict";
import { buildForm, type FormInput } from "../support/form_builder.ts";
import { testListeners } from "../support/proxy_under_test.ts";
import { assume, issuer, readSession, type SessionKey, start } from "../support/sts_client.ts";

function build(session: SessionKey, change: Partial<FormInput> = {}): ReturnType<typeof buildForm> {
  return buildForm({
    bucket: "artifacts",
    key: session,
    date: new Date(),
    fields: { key: "builds/1", "x-amz-security-token": session.token },
    ...change,
  });
}

testListeners(
  "F a session's form has the rights of its role, and its token covered",
  async (listener) => {
    await using proxy = await start({ listener });
    const session = readSession(await assume(proxy, await issuer.sign()));
    const other = readSession(await assume(proxy, await issuer.sign()));
    const send = async (change: Partial<FormInput> = {}): Promise<string> => {
      const { headers, body } = build(session, change);
      const response = await proxy.sendRaw({
        method: "POST",
        target: "/artifacts",
        headers: [["host", proxy.host], ...headers],
        body,
      });
      return response.errorCode ?? String(response.status);
    };
    const token = session.token;
    const change = (value: string | undefined) => (fields: Map<string, string>): void => {
      if (value === undefined) fields.delete("x-amz-security-token");
      else fields.set("x-amz-security-token", value);
    };
    assert.equal(
      await send({ fields: { key: "elsewhere/1", "x-amz-security-token": token } }),
      "AccessDenied",
    );
    assert.equal(
      await send({ conditions: [{ bucket: "artifacts" }, { key: "builds/1" }] }),
      "AccessDenied",
    );
    assert.equal(await send({ change: change(undefined) }), "InvalidAccessKeyId");
    assert.equal(await send({ change: change(other.token) }), "InvalidToken");
    assert.equal(proxy.backend.requests.length, 0);
    assert.equal(await send(), "204");
    assert.equal(proxy.backend.requests[0]?.startLine, "PUT /artifacts/builds/1 HTTP/1.1");
  },
);
