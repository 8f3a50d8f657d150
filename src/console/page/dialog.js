// @ts-check
/**
 * Questions and sheets on top of a view. The browser keeps the focus inside and gives it back.
 * @module
 */

import { button, element } from "./dom.js";

let titles = 0;

/**
 * Opens a dialog; `side` is a sheet at the right edge.
 *
 * @param {{title: string, side?: boolean, content: (Node | string)[], actions?: Node[], closed?: () => void}} parts
 * @returns {{close: () => void, dialog: HTMLDialogElement}}
 */
export function openDialog({ title, side = false, content, actions = [], closed }) {
  const heading = element("h2", { id: `dialog-title-${++titles}`, tabindex: "-1" }, title);
  const dialog = element("dialog", {
    class: side ? "sheet" : "box",
    "aria-labelledby": heading.id,
  });
  const close = () => dialog.close();
  dialog.append(
    element(
      "header",
      {},
      heading,
      button({ icon: "close", text: "Close", iconOnly: true }, close),
    ),
    element("div", {
      class: "content",
      tabindex: "0",
      role: "group",
      "aria-labelledby": heading.id,
    }, ...content),
  );
  if (actions.length > 0) dialog.append(element("footer", {}, ...actions));
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { close, dialog };
}

/**
 * Asks before something that cannot be taken back.
 *
 * @param {{title: string, content: (Node | string)[], confirm: string, danger?: boolean}} question
 * @returns {Promise<boolean>}
 */
export function ask({ title, content, confirm, danger = false }) {
  return new Promise((resolve) => {
    let answer = false;
    const yes = button({ text: confirm, kind: danger ? "danger" : "primary" }, () => {
      answer = true;
      opened.close();
    });
    const no = button({ text: "Cancel" }, () => opened.close());
    const opened = openDialog({
      title,
      content,
      actions: [no, yes],
      closed: () => resolve(answer),
    });
    no.focus();
  });
}

/**
 * Asks for a line of text.
 *
 * @param {{title: string, label: string, hint: string, confirm: string}} question
 * @returns {Promise<string | undefined>}
 */
export function askText({ title, label, hint, confirm }) {
  return new Promise((resolve) => {
    /** @type {string | undefined} */
    let answer;
    const input = element("input", {
      id: `dialog-text-${titles}`,
      required: true,
      maxlength: "900",
      "aria-describedby": `dialog-hint-${titles}`,
    });
    const form = element(
      "form",
      {
        id: `dialog-form-${titles}`,
        class: "field",
        onsubmit: (/** @type {Event} */ event) => {
          event.preventDefault();
          answer = input.value;
          opened.close();
        },
      },
      element("label", { for: input.id }, label),
      input,
      element("small", { id: `dialog-hint-${titles}` }, hint),
    );
    const yes = element("button", { class: "primary", form: form.id }, confirm);
    const no = button({ text: "Cancel" }, () => opened.close());
    const opened = openDialog({
      title,
      content: [form],
      actions: [no, yes],
      closed: () => resolve(answer),
    });
    input.focus();
  });
}
