import assert from "node:assert/strict";
import { editProfile, formatCommand } from "../../../src/cli/login/aws_profile.ts";

const EDIT = {
  name: "work",
  settings: { credential_process: "s3-proxy login --role b", endpoint_url: "https://p" },
  defaults: { region: "us-east-1" },
};
const WRITTEN =
  "[profile work]\ncredential_process = s3-proxy login --role b\nendpoint_url = https://p\n";

Deno.test("editProfile() makes a profile, behind others", () => {
  const fresh = `${WRITTEN}region = us-east-1\n`;
  assert.equal(editProfile("", EDIT), fresh);
  assert.equal(editProfile("[default]\nregion = x\n", EDIT), `[default]\nregion = x\n\n${fresh}`);
  assert.match(editProfile("", { ...EDIT, name: "default" }), /^\[default\]\n/);
});

Deno.test("editProfile() changes its own profile, and keeps what else is in it", () => {
  const before =
    "[profile a]\nregion = x\n\n[profile work]\ncredential_process = /bin/s3-proxy login --role a\n" +
    "region = eu\ns3 =\n  endpoint_url = kept\n# mine\n\n[profile z]\noutput = json\n";
  const after = editProfile(before, EDIT);
  assert.equal(
    after,
    `[profile a]\nregion = x\n\n${WRITTEN}region = eu\ns3 =\n  endpoint_url = kept\n# mine\n\n[profile z]\noutput = json\n`,
  );
  assert.equal(editProfile(after, EDIT), after, "a second time changes nothing");
});

Deno.test("editProfile() touches no profile that has other keys", () => {
  for (
    const keys of ["aws_access_key_id = AKIA", "sso_session = x", "credential_process = other"]
  ) {
    assert.throws(() => editProfile(`[profile work]\n${keys}\n`, EDIT), /is there already/);
  }
});

Deno.test("formatCommand() quotes what a shell would split", () => {
  assert.equal(
    formatCommand(["/opt/a b/s3-proxy", "--scope", "openid email"]),
    '"/opt/a b/s3-proxy" --scope "openid email"',
  );
});
