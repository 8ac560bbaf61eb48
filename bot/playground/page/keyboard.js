/** The inline buttons under a message: pressing them, their busy state, the bot's answer. */

import { press } from "./api.js";
import { payMessage } from "./checkout.js";
import { el } from "./dom.js";
import { isSafeLink } from "./entities.js";
import { icon } from "./icons.js";
import { alertDialog, complain, toast } from "./overlays.js";
import { changed, state } from "./store.js";

const pressed = new Set();
const SAME_WITHIN_MS = 1_000;
let lastShown = { text: null, at: 0 };

const keyOf = (message, row, column) => `${state.user}/${state.chat}/${message}/${row}/${column}`;

/** Buttons of a message that wait for their answer, as "row/column". */
export function busyButtons(message) {
  const prefix = `${state.user}/${state.chat}/${message.id}/`;
  return [...pressed].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

/** Build the rows of buttons, or null if there are none. */
export function keyboard(message, busy, acts) {
  if (!message.buttons?.length) return null;
  const rows = message.buttons.map((row, y) =>
    el("div", { class: "keys" }, row.map((button, x) => key(message, button, { y, x, busy: busy.includes(`${y}/${x}`) }, acts))),
  );
  return el("div", { class: "keyboard", testid: `buttons-${message.id}` }, rows);
}

function key(message, button, { y, x, busy }, acts) {
  const testid = `button-${button.text}`;
  if (button.url && isSafeLink(button.url)) {
    const node = el("a", { class: "key", href: button.url, target: "_blank", rel: "noopener noreferrer", testid }, button.text, icon("out", 13));
    node.addEventListener("click", (event) => acts.link(button.url) && event.preventDefault());
    return node;
  }
  const run = () => (button.pay ? payMessage(message) : !busy && tap(message, button, keyOf(message.id, y, x)));
  return el("button", { type: "button", class: busy ? "key busy" : "key", "aria-busy": busy ? "true" : null, testid, onclick: run }, button.text);
}

async function tap(message, button, busyKey) {
  pressed.add(busyKey);
  changed();
  try {
    const facts = { user: state.user, chat: state.chat, message: message.id, data: button.data };
    const { answer } = await press(facts);
    if (answer) showAnswer(answer);
    else toast("The bot didn't answer the button", "quiet");
  } catch (error) {
    complain(error);
  } finally {
    pressed.delete(busyKey);
    changed();
  }
}

/** Show a callback's answer once, also when it comes both as a reply and as an event. */
export function showAnswer({ text, show_alert: asAlert, url }) {
  if (url && isSafeLink(url)) window.open(url, "_blank", "noopener");
  if (!text) return;
  const now = performance.now();
  if (text === lastShown.text && now - lastShown.at < SAME_WITHIN_MS) return;
  lastShown = { text, at: now };
  if (asAlert) alertDialog(state.data?.bot?.first_name ?? "Bot", text);
  else toast(text);
}
