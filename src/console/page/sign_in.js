// @ts-check
/**
 * Signing in is signing: the key pair goes into a session's closure, and the first signed request tells who it is.
 * @module
 */

import { askConsole } from "./console_api.js";
import { button, element, field, icon, replace } from "./dom.js";
import { describeFailure } from "./notices.js";
import { assumeRole, startProviderSignIn } from "./provider_sign_in.js";
import { createSession } from "./session.js";

/** @typedef {import("./console_api.js").Bootstrap} Bootstrap */
/** @typedef {import("./session.js").KeyPair} KeyPair */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./provider_sign_in.js").Grant} Grant */
/** @typedef {{session: Session, me: import("./console_api.js").Me, bootstrap: Bootstrap}} SignedIn */

/** `server.account_id` by default. */
const ACCOUNT_ID = "000000000000";

/**
 * @param {Bootstrap} bootstrap
 * @param {{signedIn: (result: SignedIn) => Promise<void>, grant?: Grant | undefined, error?: unknown}} options
 */
export function showSignIn(bootstrap, { signedIn, grant, error }) {
  const problem = element("div", { role: "alert", class: "problem" });
  if (error !== undefined) replace(problem, describeFailure(error));
  const enter = async (/** @type {KeyPair} */ pair) => {
    const session = createSession(pair, bootstrap);
    await signedIn({ session, me: await askConsole(session, "me"), bootstrap });
  };
  const tell = (/** @type {unknown} */ reason) => replace(problem, describeSignInFailure(reason));
  document.title = "Sign in · s3-proxy console";
  replace(
    document.body,
    element(
      "main",
      { class: "sign-in" },
      element("div", { class: "brand" }, icon("bucket"), "s3-proxy"),
      element("h1", {}, "Sign in"),
      problem,
      ...(globalThis.crypto?.subtle === undefined
        ? [
          element(
            "p",
            { class: "problem" },
            "This browser signs over HTTPS or on this machine only: open the console by https:// or http://127.0.0.1.",
          ),
        ]
        : [buildContent(bootstrap, { enter, tell, grant })]),
    ),
  );
}

/**
 * @param {Bootstrap} bootstrap
 * @param {{enter: (pair: KeyPair) => Promise<void>, tell: (reason: unknown) => void, grant: Grant | undefined}} options
 */
function buildContent(
  { providers, s3, account_id: accountId = ACCOUNT_ID },
  { enter, tell, grant },
) {
  if (grant !== undefined) {
    return buildRoles(grant, { enter, tell, endpoint: s3.endpoint, accountId });
  }
  const others = providers.map((provider) =>
    button(
      { icon: "people", text: `Continue with ${new URL(provider.issuer).host}` },
      () => startProviderSignIn(provider).catch(tell),
    )
  );
  return element(
    "div",
    { class: "stack" },
    buildKeyForm({ enter, tell }),
    ...(others.length === 0 ? [] : [element("p", { class: "or" }, "or"), ...others]),
    element(
      "p",
      { class: "muted" },
      `The secret stays in this tab's memory and signs each request to ${s3.endpoint}. Closing the tab signs out.`,
    ),
  );
}

/** @param {{enter: (pair: KeyPair) => Promise<void>, tell: (reason: unknown) => void}} options */
function buildKeyForm({ enter, tell }) {
  const accessKey = element("input", {
    name: "access-key",
    autocomplete: "username",
    spellcheck: "false",
    autocapitalize: "off",
    required: true,
  });
  const secret = element("input", {
    name: "secret-key",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const submit = element("button", { class: "primary" }, icon("key"), "Sign in");
  const onsubmit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    submit.disabled = true;
    await enter({ accessKeyId: accessKey.value.trim(), secretAccessKey: secret.value.trim() })
      .catch(tell);
    submit.disabled = false;
  };
  return element(
    "form",
    { class: "stack", onsubmit },
    field({ label: "Access key" }, accessKey),
    field({ label: "Secret key" }, secret),
    submit,
  );
}

/**
 * @param {Grant} grant
 * @param {{enter: (pair: KeyPair) => Promise<void>, tell: (reason: unknown) => void, endpoint: string, accountId: string}} options
 */
function buildRoles(grant, { enter, tell, endpoint, accountId }) {
  const role = element(
    "select",
    { name: "role" },
    ...grant.provider.roles.map((name) => element("option", {}, name)),
  );
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    assumeRole(grant, { endpoint, accountId, role: role.value }).then(enter).catch(tell);
  };
  return element(
    "form",
    { class: "stack", onsubmit },
    element(
      "p",
      {},
      `${new URL(grant.provider.issuer).host} has told who you are. Which role do you take?`,
    ),
    field({ label: "Role", hint: "It gives a temporary key pair, and ends by itself." }, role),
    element("button", { class: "primary" }, icon("key"), "Take this role"),
    element("a", { href: "/" }, "Sign in with a key pair instead"),
  );
}

/** @type {Readonly<Record<string, string>>} */
const SIGN_IN_FAILURES = {
  unknown_key: "No user has this access key, or it is not valid any more.",
  signature_wrong: "The secret key is not that of this access key.",
  expired: "This session is over.",
  clock_skew: "The clock of this machine is more than 5 minutes off. Set it and try again.",
};

/** @param {unknown} reason */
function describeSignInFailure(reason) {
  const code = reason !== null && typeof reason === "object" && "code" in reason
    ? String(reason.code)
    : "";
  return SIGN_IN_FAILURES[code] ?? describeFailure(reason);
}
