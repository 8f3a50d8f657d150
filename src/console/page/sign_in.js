// @ts-check
/**
 * Signing in is signing: the key pair goes into a session's closure, and the first signed request tells who it is. What signs is
 * loaded while somebody types, so that the form is there at once.
 * @module
 */

import { button, element, field, icon, replace } from "./dom.js";

/** @typedef {import("./bootstrap.js").Bootstrap} Bootstrap */
/** @typedef {import("./session.js").KeyPair} KeyPair */
/** @typedef {import("./session.js").Session} Session */
/** @typedef {import("./provider_sign_in.js").Grant} Grant */
/** @typedef {{session: Session, me: import("./console_api.js").Me, bootstrap: Bootstrap}} SignedIn */

/** `server.account_id` by default. */
const ACCOUNT_ID = "000000000000";

/**
 * Wakes the form that index.html shows.
 *
 * @param {Bootstrap} bootstrap
 * @param {{signedIn: (result: SignedIn) => Promise<void>, grant?: Grant | undefined, error?: unknown}} options
 */
export function showSignIn(bootstrap, { signedIn, grant, error }) {
  const problem = find("main > [role=alert]", HTMLElement);
  const content = find("main > .stack", HTMLElement);
  const tell = async (/** @type {unknown} */ reason) => replace(problem, await describe(reason));
  if (error !== undefined) tell(error);
  const enter = async (/** @type {KeyPair} */ pair) => {
    const [{ createSession }, { askConsole }] = await Promise.all([
      import("./session.js"),
      import("./console_api.js"),
    ]);
    const session = createSession(pair, bootstrap);
    await signedIn({ session, me: await askConsole(session, "me"), bootstrap });
  };
  if (globalThis.crypto?.subtle === undefined) {
    replace(
      content,
      element(
        "p",
        { class: "problem" },
        "This browser signs over HTTPS or on this machine only: open the console by https:// or http://127.0.0.1.",
      ),
    );
  } else if (grant !== undefined) {
    const { s3: { endpoint }, account_id: accountId = ACCOUNT_ID } = bootstrap;
    replace(content, buildRoles(grant, { enter, tell, endpoint, accountId }));
  } else {
    addProviders(bootstrap, { tell });
    wakeKeyForm({ enter, tell });
  }
}

/**
 * What index.html holds.
 *
 * @template {HTMLElement} T
 * @param {string} selector
 * @param {{new (): T}} kind
 * @returns {T}
 */
function find(selector, kind) {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${selector}`);
}

/**
 * @param {Bootstrap} bootstrap
 * @param {{tell: (reason: unknown) => void}} options
 */
function addProviders({ providers, s3 }, { tell }) {
  const others = providers.map((provider) =>
    button(
      { icon: "people", text: `Continue with ${new URL(provider.issuer).host}` },
      () =>
        import("./provider_sign_in.js").then((page) => page.startProviderSignIn(provider)).catch(
          tell,
        ),
    )
  );
  const note = find("main > .stack > .muted", HTMLElement);
  if (others.length > 0) note.before(element("p", { class: "or" }, "or"), ...others);
  replace(
    note,
    `The secret stays in this tab's memory and signs each request to ${s3.endpoint}. Closing the tab signs out.`,
  );
}

/** @param {{enter: (pair: KeyPair) => Promise<void>, tell: (reason: unknown) => void}} options */
function wakeKeyForm({ enter, tell }) {
  const accessKey = find("#access-key", HTMLInputElement);
  const secret = find("#secret-key", HTMLInputElement);
  const submit = find("form > button", HTMLButtonElement);
  find("main form", HTMLFormElement).addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    await enter({ accessKeyId: accessKey.value.trim(), secretAccessKey: secret.value.trim() })
      .catch(tell);
    submit.disabled = false;
  });
  submit.disabled = false;
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
    const wanted = { endpoint, accountId, role: role.value };
    import("./provider_sign_in.js").then((page) => page.assumeRole(grant, wanted)).then(enter)
      .catch(tell);
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
async function describe(reason) {
  const code = reason !== null && typeof reason === "object" && "code" in reason
    ? String(reason.code)
    : "";
  return SIGN_IN_FAILURES[code] ?? (await import("./notices.js")).describeFailure(reason);
}
