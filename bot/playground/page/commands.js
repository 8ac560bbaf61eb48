/** The list of commands that opens over the composer at "/". */

import { el, keyed } from "./dom.js";
import { openChat, state } from "./store.js";

/** Build the list for a text field; `pick(text)` sends a command. */
export function buildCommands(field, pick) {
  const node = el("div", { class: "commands", id: "commands", role: "listbox", "aria-label": "Commands", testid: "commands" });
  const self = { field, node, pick, typed: "", found: [], at: 0 };
  field.setAttribute("aria-controls", "commands");
  field.setAttribute("aria-autocomplete", "list");
  const hide = () => (offer(self, ""), undefined);
  field.addEventListener("blur", hide);
  node.addEventListener("pointerdown", (event) => event.preventDefault());
  return { node, show: () => draw(self), offer: (text) => offer(self, text), key: (event) => onKey(self, event) };
}

function offer(self, text) {
  self.typed = text;
  self.at = 0;
  draw(self);
}

function draw(self) {
  const typed = /^\/(\w*)$/.exec(self.typed)?.[1].toLowerCase();
  const known = typed === undefined ? [] : (state.data?.commands ?? []);
  self.found = known.filter(({ command }) => command.startsWith(typed));
  self.found.sort((a, b) => (b.command === typed) - (a.command === typed));
  self.at = Math.min(self.at, Math.max(self.found.length - 1, 0));
  const rows = self.found.map((one, index) => ({ ...one, chosen: index === self.at }));
  keyed(self.node, rows, { key: (row) => row.command, make: (row) => commandRow(self, row) });
  self.node.classList.toggle("shown", rows.length > 0);
  const chosen = rows.length ? `command-${self.found[self.at].command}` : "";
  self.field.setAttribute("aria-activedescendant", chosen);
}

function commandRow(self, { command, description, chosen }) {
  const props = {
    class: "commandrow",
    id: `command-${command}`,
    role: "option",
    "aria-selected": String(chosen),
    testid: `command-${command}`,
    onclick: () => self.pick(addressed(command)),
  };
  return el("div", props, el("strong", {}, `/${command}`), el("span", { class: "clip" }, description));
}

/** In groups a command names the bot: with privacy mode it might not see it else. */
function addressed(command) {
  const bot = state.data?.bot?.username;
  return openChat()?.type === "private" || !bot ? `/${command}` : `/${command}@${bot}`;
}

/** Move in the list or take from it; true if the key was meant for it. */
function onKey(self, event) {
  if (!self.found.length) return false;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) self.at = (self.at + step + self.found.length) % self.found.length;
  else if (event.key === "Tab") complete(self);
  else if (event.key === "Escape") offer(self, "");
  else if (event.key === "Enter" && !event.shiftKey) return take(self, event);
  else return false;
  event.preventDefault();
  draw(self);
  self.node.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  return true;
}

function take(self, event) {
  const { command } = self.found[self.at];
  if (self.typed === `/${command}`) return false;
  event.preventDefault();
  self.pick(addressed(command));
  return true;
}

function complete(self) {
  self.field.value = `${addressed(self.found[self.at].command)} `;
  self.field.dispatchEvent(new Event("input"));
}
