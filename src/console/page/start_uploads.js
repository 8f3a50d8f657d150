// @ts-check
/**
 * From chosen files to uploads: asks before it replaces what is there.
 * @module
 */

import { ask } from "./dialog.js";
import { element } from "./dom.js";
import { formatNumber } from "./format.js";
import { notify } from "./notices.js";

const NAMED_MAX = 5;

/**
 * @param {import("./shell.js").Place} place
 * @param {{bucket: string, prefix: string, files: import("./dropped_files.js").ChosenFile[], present: ReadonlySet<string>}} chosen
 *   `present`: names of the folder's entries that are known
 */
export async function addFiles({ session, uploads }, { bucket, prefix, files, present }) {
  if (files.length === 0) return notify("There is no file in it");
  const names = new Set(
    files.map(({ path }) => path.includes("/") ? `${path.split("/")[0]}/` : path),
  );
  const there = [...names].filter((name) => present.has(name));
  if (there.length > 0) {
    const listed = there.slice(0, NAMED_MAX).map((name) => element("li", {}, name));
    const rest = there.length - listed.length;
    const isSure = await ask({
      title: "Replace what is there?",
      content: [
        element(
          "p",
          {},
          "These names are there already. Files of the same name are replaced; in a folder, those of the same path.",
        ),
        element(
          "ul",
          {},
          ...listed,
          rest > 0 && element("li", {}, `and ${formatNumber(rest)} more`),
        ),
      ],
      confirm: "Replace",
      danger: true,
    });
    if (!isSure) return;
  }
  uploads.add(session, files.map(({ path, file }) => ({ bucket, key: prefix + path, file })));
}
