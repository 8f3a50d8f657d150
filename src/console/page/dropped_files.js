// @ts-check
/**
 * Files and folders that somebody drops or chooses, with their paths.
 * @module
 */

/** @typedef {{path: string, file: File}} ChosenFile `path` with slashes, relative to what was chosen */

/**
 * Lets files and folders be dropped on a place.
 *
 * @param {HTMLElement} place
 * @param {{signal: AbortSignal, dropped: (files: ChosenFile[]) => unknown}} options
 */
export function acceptDrops(place, { signal, dropped }) {
  const mark = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    place.classList.toggle("dropping", event.type === "dragover");
  };
  document.addEventListener("dragover", mark, { signal });
  document.addEventListener("dragleave", mark, { signal });
  document.addEventListener("drop", async (event) => {
    mark(event);
    const items = [...event.dataTransfer?.items ?? []].filter(({ kind }) => kind === "file");
    dropped((await Promise.all(items.map(readItem))).flat()); // all begin before one is waited for
  }, { signal });
}

/**
 * What is in no folder of the disk, such as a picture out of another page, has no entry.
 *
 * @param {DataTransferItem} item
 * @returns {Promise<ChosenFile[]> | ChosenFile[]}
 */
function readItem(item) {
  const [entry, file] = [item.webkitGetAsEntry(), item.getAsFile()];
  if (entry !== null) return readEntry(entry);
  return file === null ? [] : [{ path: file.name, file }];
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<ChosenFile[]>}
 */
async function readEntry(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (entry.isFile) {
    const { promise, resolve, reject } = Promise.withResolvers();
    /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject); // `isFile` says so
    return [{ path, file: await promise }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader(); // what is no file
  const found = [];
  for (;;) { // it answers a hundred at a time
    /** @type {PromiseWithResolvers<FileSystemEntry[]>} */
    const { promise, resolve, reject } = Promise.withResolvers();
    reader.readEntries(resolve, reject);
    const entries = await promise;
    if (entries.length === 0) return found;
    for (const child of entries) found.push(...await readEntry(child));
  }
}

/**
 * Opens the browser's own dialog.
 *
 * @param {{folder?: boolean, multiple?: boolean, signal: AbortSignal, chosen: (files: ChosenFile[]) => unknown}} options
 */
export function chooseFiles({ folder = false, multiple = true, signal, chosen }) {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = multiple;
  input.webkitdirectory = folder;
  input.hidden = true;
  document.body.append(input); // so that it is not collected while the dialog is open
  input.addEventListener("change", () => {
    input.remove();
    chosen(
      [...input.files ?? []].map((file) => ({ path: file.webkitRelativePath || file.name, file })),
    );
  });
  input.addEventListener("cancel", () => input.remove());
  signal.addEventListener("abort", () => input.remove(), { once: true });
  input.click();
}
