import assert from "node:assert/strict";
import { parse } from "yaml";
import { formatNewUser } from "../../../src/cli/keygen.ts";
import { parseConfig } from "../../../src/config/load.ts";

const MASTER =
  'master_credentials: {access_key: M, secret_key: master-secret-key, endpoint: "https://b"}';

Deno.test("formatNewUser() makes a key pair like AWS's, new each time", () => {
  const texts = Array.from({ length: 50 }, () => formatNewUser("ci"));
  assert.equal(new Set(texts).size, texts.length);
  for (const text of texts) {
    const [user] = parse(text);
    assert.match(user.access_key, /^AKIA[A-Z2-7]{16}$/);
    assert.match(user.secret_key, /^[A-Za-z0-9+/]{40}$/);
  }
});

Deno.test("formatNewUser() can be pasted under users, whatever the name", () => {
  for (const name of ["ci-writer", "1e3", "@team", "-"]) {
    const { config, warnings } = parseConfig(`${MASTER}\nusers:\n${formatNewUser(name)}\n`, {
      path: "c.yaml",
      environment: () => undefined,
      readSecretFile: () => assert.fail("no file is needed"),
    });
    assert.equal(config.users[0]?.name, name);
    assert.ok(warnings.every((warning) => !warning.includes("secret")), warnings.join());
  }
});
