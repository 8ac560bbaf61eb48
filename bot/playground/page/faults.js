/** Make Telegram misbehave: faults of the Bot API, blocks, repeated updates. */

import { addFault, block, clearFaults, duplicate, getFaults } from "./api.js";
import { coalesced } from "./coalesce.js";
import { el, fill, keyed } from "./dom.js";
import { icon } from "./icons.js";
import { complain, field, toast } from "./overlays.js";
import { me, nameOf, refresh, state } from "./store.js";

const KINDS = {
  429: "Too many requests: refused, with the seconds to wait",
  500: "Internal server error, nothing happened",
  502: "Bad gateway, nothing happened",
  html: "A proxy's HTML page instead of JSON",
  lost: "Telegram acts, but its answer never arrives",
  cut: "Telegram acts, but the answer breaks off",
  slow: "The answer takes its time",
  blocked: "Forbidden: the bot was blocked by the user",
  charge_not_found: "A refund is refused, nothing happened",
  already_refunded: "A refund is made, but refused as made already",
  update_lost: "The bot isn't told of a payment",
  update_doubled: "The bot is told of a payment twice",
  update_late: "The bot is told of a payment later",
  renewal_refused: "A subscription's renewal isn't paid",
  renewal_late: "A subscription's renewal is paid later",
};

const UPDATES = ["successful_payment", "refunded_payment", "subscription", "pre_checkout_query"];
const LENGTHY = new Set(["slow", "update_late", "renewal_late"]);
const ABOUT = { update: "successful_payment", renewal: "renewal", charge: "refundStarPayment", already: "refundStarPayment" };

const METHODS = ["*", "sendMessage", "editMessageText", "sendMessageDraft", "answerCallbackQuery", "sendChatAction", "sendDocument", "sendPhoto", "getUpdates", "getChatMember", "setMyCommands", "getMe", ...UPDATES];

/** Build the panel; returns {show, hear}. */
export function buildFaults(root, mark) {
  const form = faultForm();
  const active = el("ul", { class: "faultlist", testid: "faults" });
  const none = el("p", { class: "hint small" }, "No faults: all calls go through");
  const clear = el("button", { type: "button", class: "plainbutton", testid: "faults-clear" }, "Clear all");
  const who = el("div", { class: "stackbuttons" });
  const self = { active, none, clear, who, mark, whoMark: "" };
  self.load = coalesced(() => load(self), (error) => error.status !== 0 && complain(error));
  form.node.addEventListener("submit", (event) => (event.preventDefault(), throwFault(self, form)));
  clear.addEventListener("click", () => clearFaults().then(self.load, complain));
  const list = el("div", { class: "group" }, el("div", { class: "grouphead" }, el("h3", { class: "grow" }, "Active"), clear), none, active);
  fill(root, el("div", { class: "panelscroll padded" }, form.node, list, el("div", { class: "group" }, el("h3", {}, "People and updates"), who)));
  return { show: () => showWho(self), hear: ({ kind }) => kind !== "alert" && self.load() };
}

function faultForm() {
  const method = el("input", { name: "method", value: "sendMessage", list: "methods", autocomplete: "off", testid: "fault-method" });
  const known = el("datalist", { id: "methods" }, METHODS.map((name) => el("option", { value: name })));
  const kind = el("select", { name: "kind", testid: "fault-kind" }, Object.keys(KINDS).map((name) => el("option", { value: name }, name)));
  const explained = el("small", {});
  const times = number("times", 1, "fault-times");
  const wait = number("retry_after", 3, "fault-retry-after");
  const seconds = number("seconds", 5, "fault-seconds");
  const here = el("input", { type: "checkbox", name: "here", testid: "fault-here" });
  const ofWait = field("Retry after, s", wait);
  const ofSeconds = field("Seconds", seconds);
  const submit = el("button", { class: "mainbutton", type: "submit", testid: "fault-add" }, icon("zap", 18), "Throw it");
  const adapt = () => {
    explained.textContent = KINDS[kind.value];
    ofWait.hidden = kind.value !== "429";
    ofSeconds.hidden = !LENGTHY.has(kind.value);
  };
  kind.value = "429";
  kind.addEventListener("change", () => {
    method.value = ABOUT[kind.value.split("_")[0]] ?? (Object.values(ABOUT).includes(method.value) ? "sendMessage" : method.value);
    adapt();
  });
  adapt();
  const node = el(
    "form",
    { class: "group form", testid: "fault-form", "aria-label": "Throw a fault" },
    el("h3", {}, "Throw a fault"),
    field("Method or update (* for all)", method),
    known,
    el("label", { class: "field" }, el("span", {}, "What happens"), kind, explained),
    el("div", { class: "pair" }, field("Times", times), ofWait, ofSeconds),
    el("label", { class: "tick" }, here, "Only in the open chat"),
    submit,
  );
  return { node, method, kind, times, wait, seconds, here };
}

const number = (name, value, testid) => el("input", { type: "number", name, min: 1, max: 3_600, value, required: true, testid });

async function throwFault(self, form) {
  const kind = form.kind.value;
  const facts = { method: form.method.value.trim() || "*", kind, times: Number(form.times.value) };
  if (kind === "429") facts.retry_after = Number(form.wait.value);
  if (LENGTHY.has(kind)) facts.seconds = Number(form.seconds.value);
  if (form.here.checked && state.chat !== null) facts.chat = state.chat;
  try {
    await addFault(facts);
    await self.load();
  } catch (error) {
    complain(error);
  }
}

async function load(self) {
  const faults = await getFaults();
  const rows = faults.map((fault, index) => ({ ...fault, key: fault.id ?? index }));
  keyed(self.active, rows, { key: (row) => row.key, make: faultRow });
  self.none.hidden = rows.length > 0;
  self.clear.hidden = rows.length === 0;
  self.mark(rows.length ? String(rows.length) : "", "warn");
}

function faultRow(fault) {
  const left = fault.left ?? fault.times;
  const facts = [
    fault.chat !== null && fault.chat !== undefined && `chat ${fault.chat}`,
    fault.kind === "429" && fault.retry_after && `wait ${fault.retry_after} s`,
    LENGTHY.has(fault.kind) && fault.seconds && `${fault.seconds} s`,
    left === null || left === undefined ? "until cleared" : `${left} more`,
  ];
  return el(
    "li",
    { class: "fault", testid: "fault-row" },
    el("span", { class: "pill warn" }, String(fault.kind)),
    el("strong", { class: "clip grow" }, fault.method ?? "*"),
    el("span", { class: "muted nowrap" }, facts.filter(Boolean).join(" · ")),
  );
}

/** Buttons about the player; redrawn only when he changes. */
function showWho(self) {
  const user = me();
  const mark = JSON.stringify(user);
  if (mark === self.whoMark) return;
  self.whoMark = mark;
  fill(self.who, user && whoButtons(user), updateButtons());
}

function whoButtons(user) {
  const label = user.blocked ? `${nameOf(user)}: unblock the bot` : `${nameOf(user)}: block the bot`;
  const flip = () => block(user.id, !user.blocked).then(refresh, complain);
  return [wide("block", label, "block", flip, { "aria-pressed": String(Boolean(user.blocked)) })];
}

function updateButtons() {
  const again = (newId) => () => duplicate(newId).then(() => toast("Delivered again"), complain);
  return [
    wide("copy", "Send the last update again, same id", "duplicate-same", again(false)),
    wide("copy", "Send the last update again, new id", "duplicate-new", again(true)),
  ];
}

/** A button as wide as the panel, with an icon. */
export function wide(name, label, testid, run, props = {}) {
  return el("button", { type: "button", class: "widebutton", testid, onclick: run, ...props }, icon(name, 18), el("span", {}, label));
}
