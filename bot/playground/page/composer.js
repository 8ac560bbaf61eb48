/** The field where one writes: sending, replying, editing, commands, other kinds of messages. */

import { edit as editMessage, send } from "./api.js";
import { buildAnonymous, isAnonymous } from "./anonymous.js";
import { openAttachMenu } from "./attach.js";
import { avatar } from "./avatar.js";
import { buildCommands } from "./commands.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { complain, menu } from "./overlays.js";
import { iconButton, playAs } from "./people.js";
import { here, hereKey, nameOf, openChat, players, refresh, shownMessages, state, topicNow } from "./store.js";

const MOST_UNITS = 4_096;
const NO_MODE = { kind: "new", message: null };
const drafts = new Map();

/** Build the composer; returns {node, show, reply, edit, command}. */
export function buildComposer({ sent }) {
  const parts = {
    who: el("button", { type: "button", class: "who", testid: "who" }),
    context: el("div", { class: "context", testid: "context" }),
    field: textField(),
    submit: el("button", { type: "submit", class: "sendbutton", "aria-label": "Send", title: "Send (Enter)", testid: "send" }, icon("send", 22)),
  };
  const self = { ...parts, anonymous: buildAnonymous(), mode: NO_MODE, place: null, sent };
  self.commands = buildCommands(parts.field, (command) => submit(self, command));
  const attach = iconButton("attach", "Send something else", "attach", () => openAttachMenu(attach, (whole) => takeText(self, whole), sent));
  attach.setAttribute("aria-haspopup", "menu");
  const slash = iconButton("slash", "Commands", "slash", () => begin(self, parts.field.value || "/"));
  const line = el("form", { class: "composer" }, parts.who, el("div", { class: "fieldbox" }, parts.field, self.anonymous.node, slash, attach), parts.submit);
  line.addEventListener("submit", (event) => (event.preventDefault(), submit(self)));
  parts.field.addEventListener("input", () => fitted(self));
  parts.field.addEventListener("keydown", (event) => onKey(self, event));
  parts.who.addEventListener("click", () => menu(parts.who, "Play as", players().map(whoItem)));
  return {
    node: el("div", { class: "dock" }, self.commands.node, parts.context, line),
    show: () => show(self),
    reply: (message) => setMode(self, { kind: "reply", message }),
    edit: (message) => setMode(self, { kind: "edit", message }, message.text),
    command: (text) => submit(self, text),
  };
}

function textField() {
  return el("textarea", {
    id: "composer",
    rows: 1,
    placeholder: "Message",
    "aria-label": "Message",
    autocomplete: "off",
    enterkeyhint: "send",
    dir: "auto",
    testid: "composer",
  });
}

const whoItem = (user) => ({
  label: nameOf(user),
  sub: user.username ? `@${user.username}` : `id ${user.id}`,
  lead: avatar(user.id, nameOf(user), "small"),
  testid: `who-${user.id}`,
  checked: user.id === state.user,
  run: () => playAs(user.id),
});

function show(self) {
  const place = hereKey();
  if (place !== self.place) move(self, place);
  const user = players().find((one) => one.id === state.user);
  const name = user ? nameOf(user) : "";
  if (self.who.dataset.name !== name) {
    Object.assign(self.who.dataset, { name });
    self.who.setAttribute("aria-label", `Writing as ${name}; change`);
    self.who.title = `Writing as ${name}`;
    fill(self.who, user && avatar(user.id, name, "small"));
  }
  self.anonymous.show();
  self.commands.show();
  self.field.placeholder = placeholder();
}

function placeholder() {
  const chat = openChat();
  if (!chat || chat.type === "private") return "Message";
  const topic = topicNow();
  if (topic?.closed) return `${topic.name} is closed`;
  return isAnonymous(chat) ? "Send anonymously" : `Message ${topic?.name ?? chat.title}`;
}

/** Another chat or player: keep the unsent text for when he is back. */
function move(self, place) {
  if (self.place && self.mode.kind !== "edit") drafts.set(self.place, self.field.value);
  self.place = place;
  setMode(self, NO_MODE, drafts.get(place) ?? "", { focus: false });
}

function setMode(self, mode, text = null, { focus = true } = {}) {
  self.mode = mode;
  fill(self.context, mode.message && contextBar(self, mode));
  self.context.classList.toggle("shown", Boolean(mode.message));
  if (text !== null) self.field.value = text;
  fitted(self);
  if (focus) self.field.focus();
}

function contextBar(self, { kind, message }) {
  const title = kind === "edit" ? "Edit message" : `Reply to ${message.from.name}`;
  return [
    icon(kind === "edit" ? "edit" : "reply", 20),
    el("span", { class: "chatlines" }, el("strong", {}, title), el("span", { class: "clip" }, message.text || message.kind)),
    iconButton("close", "Cancel", "context-cancel", () => cancel(self)),
  ];
}

const cancel = (self) => setMode(self, NO_MODE, self.mode.kind === "edit" ? "" : null);

function begin(self, text) {
  self.field.value = text;
  self.field.focus();
  fitted(self);
}

/** Grow with the text and offer commands. */
function fitted(self) {
  const { field } = self;
  field.style.height = "auto";
  if (field.scrollHeight) field.style.height = `${field.scrollHeight}px`;
  const over = field.value.length > MOST_UNITS;
  field.classList.toggle("over", over);
  self.submit.disabled = !field.value.trim() || over;
  self.submit.title = over ? `${field.value.length} of ${MOST_UNITS} characters` : "Send (Enter)";
  self.commands.offer(self.mode.kind === "edit" ? "" : field.value);
}

function onKey(self, event) {
  if (event.isComposing || self.commands.key(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    submit(self);
  } else if (event.key === "Escape" && self.mode.message) cancel(self);
  else if (event.key === "ArrowUp" && !self.field.value) editLast(self, event);
}

function editLast(self, event) {
  const mine = shownMessages().findLast((message) => message.author === state.user && message.kind === "text" && !message.service);
  if (!mine) return;
  event.preventDefault();
  setMode(self, { kind: "edit", message: mine }, mine.text);
}

async function submit(self, given = null) {
  const text = (given ?? self.field.value).trim();
  if (!text || text.length > MOST_UNITS) return;
  const { mode } = self;
  const where = { ...here(), text };
  if (given === null || self.field.value.startsWith("/")) setMode(self, NO_MODE, "");
  try {
    if (mode.kind === "edit" && given === null) await editMessage({ ...where, message: mode.message.id });
    else await send({ ...where, reply_to: mode.kind === "reply" ? mode.message.id : undefined });
    self.sent();
    refresh();
  } catch (error) {
    complain(error);
    if (given === null && !self.field.value) setMode(self, mode, text);
  }
}

/** What is replied to, and with `whole` the text, which then leaves the field. */
function takeText(self, whole) {
  const text = whole ? self.field.value.trim() || undefined : undefined;
  const reply_to = self.mode.kind === "reply" ? self.mode.message.id : undefined;
  setMode(self, NO_MODE, whole ? "" : null);
  return { text, reply_to };
}
