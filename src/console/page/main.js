// @ts-check
/**
 * The page: signing in, then the views.
 * @module
 */

import { readBootstrap } from "./bootstrap.js";
import { element } from "./dom.js";
import { showSignIn } from "./sign_in.js";

async function start() {
  const bootstrap = await readBootstrap();
  /** @param {import("./sign_in.js").SignedIn} result */
  const signedIn = async (result) => (await import("./shell.js")).showShell(result);
  try {
    const grant = bootstrap.providers.length === 0
      ? undefined
      : await (await import("./provider_sign_in.js")).finishProviderSignIn(bootstrap);
    showSignIn(bootstrap, { signedIn, grant });
  } catch (error) {
    showSignIn(bootstrap, { signedIn, error });
  }
  import("./shell.js").catch(() => {}); // while somebody types: the first view has few files
}

start().catch((error) => {
  const reason = error instanceof Error ? error.message : String(error);
  document.body.replaceChildren(
    element(
      "main",
      { class: "sign-in" },
      element("h1", {}, "The console does not answer"),
      element("p", { role: "alert" }, reason),
    ),
  );
});
