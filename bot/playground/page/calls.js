/** The live log of Bot API calls. */

import { clearCalls, getCalls } from "./api.js";
import { coalesced } from "./coalesce.js";
import { el, fill, keyed } from "./dom.js";
import { millisOf, preciseTimeOf } from "./format.js";
import { icon } from "./icons.js";
import { complain, toast } from "./overlays.js";
import { iconButton } from "./people.js";
import { players, state } from "./store.js";

const MOST_ROWS = 400;
const MOST_AT_ONCE = 200;
const UNDER_WAY_AMONG = 60;
const LONGEST_SHORT = 90;
const POLLS = new Set(["getUpdates"]);
const FOLDED = new Set(["sendMessageDraft", "sendChatAction"]);
const DULL = new Set(["chat_id", "parse_mode", "reply_markup", "entities", "draft_id", "reply_parameters", "link_preview_options"]);

/** Build the panel; returns {show, hear}. */
export function buildCalls(root, mark) {
  const search = el("input", { type: "search", class: "search", placeholder: "Filter calls", "aria-label": "Filter calls", testid: "call-filter" });
  const polls = el("input", { type: "checkbox", testid: "call-polls" });
  const list = el("ol", { class: "calls", testid: "calls" });
  const none = el("p", { class: "hint" });
  const self = { list, none, search, polls, mark, calls: new Map(), open: new Set(), fromStart: true };
  self.fetchMore = coalesced(() => fetchOnce(self), (error) => error.status !== 0 && complain(error));
  const clear = iconButton("trash", "Clear the log", "calls-clear", () => clearCalls().then(() => forget(self), complain));
  const bar = el("div", { class: "bar" }, el("label", { class: "searchbox" }, icon("search", 17), search), el("label", { class: "tick" }, polls, "with polling"), clear);
  fill(root, bar, el("div", { class: "panelscroll" }, none, list));
  search.addEventListener("input", () => draw(self));
  polls.addEventListener("change", () => draw(self));
  return { show: () => {}, hear: (event) => heard(self, event) };
}

function heard(self, { kind }) {
  if (kind === "opened") self.fromStart = true;
  if (kind !== "alert") self.fetchMore();
}

function forget(self) {
  self.calls.clear();
  self.open.clear();
  draw(self);
}

/** Fetch what is new. */
async function fetchOnce(self) {
  const fromStart = self.fromStart;
  const fresh = await getCalls(fromStart ? undefined : lastSettled(self), MOST_AT_ONCE);
  if (fromStart) self.calls.clear();
  self.fromStart = false;
  for (const call of fresh) self.calls.set(call.n, call);
  for (const n of [...self.calls.keys()].slice(0, -MOST_ROWS)) self.calls.delete(n);
  if (fresh.length === MOST_AT_ONCE) self.fetchMore();
  draw(self);
}

/** A call is listed from its start on; the ones under way are asked for again. */
const isUnderWay = (call) => !call.ok && !call.status && !call.error && !call.ms;

function lastSettled(self) {
  const recent = [...self.calls.values()].slice(-UNDER_WAY_AMONG);
  const first = recent.find(isUnderWay);
  return first ? first.n - 1 : (recent.at(-1)?.n ?? 0);
}

function draw(self) {
  const wanted = self.search.value.trim().toLowerCase();
  const all = [...self.calls.values()];
  const rows = all.filter((call) => shows(self, call, wanted)).reverse();
  keyed(self.list, folded(rows).map((run) => ({ ...run, expanded: self.open.has(run.key) })), {
    key: (run) => run.key,
    make: (run) => callRow(self, run),
    signature: ({ call, times, expanded }) => `${call.n} ${call.ok} ${call.status} ${call.ms} ${times} ${expanded}`,
  });
  self.none.textContent = rows.length ? "" : all.length && wanted ? "No call matches" : "No calls yet";
  const failed = all.filter((call) => toneOf(call) === "bad").length;
  self.mark(failed ? String(failed) : "", "bad");
}

/** Runs of the same draft or chat action as one row, newest first, known by their oldest call. */
function folded(calls) {
  const runs = [];
  for (const call of calls) {
    const run = runs.at(-1);
    if (run && FOLDED.has(call.method) && isRepeated(run.call, call)) Object.assign(run, { key: call.n, times: run.times + 1 });
    else runs.push({ key: call.n, call, times: 1 });
  }
  return runs;
}

function isRepeated(one, two) {
  return one.ok && two.ok && !one.fault && !two.fault && one.method === two.method && chatOf(one) === chatOf(two);
}

function shows(self, call, wanted) {
  if (POLLS.has(call.method) && toneOf(call) !== "bad" && !self.polls.checked) return false;
  return !wanted || JSON.stringify([call.method, call.params, call.error, call.status, call.fault]).toLowerCase().includes(wanted);
}

function toneOf(call) {
  if (isUnderWay(call)) return "open";
  return call.ok ? "good" : "bad";
}

function statusOf(call) {
  if (isUnderWay(call)) return "open";
  return call.ok ? "ok" : String(call.status || "cut");
}

function callRow(self, { key, call, times, expanded }) {
  const flip = () => {
    if (!self.open.delete(key)) self.open.add(key);
    draw(self);
  };
  const tone = toneOf(call);
  const head = el(
    "button",
    { type: "button", class: "callhead", "aria-expanded": String(expanded), testid: `call-toggle-${call.n}`, onclick: flip },
    el("span", { class: "calltop" }, [
      el("span", { class: `pill ${tone}` }, statusOf(call)),
      el("strong", { class: "clip grow" }, call.method),
      times > 1 && el("span", { class: "pill", title: "calls in a row" }, `× ${times}`),
      call.fault && el("span", { class: "pill warn" }, `fault ${call.fault}`),
      el("span", { class: "muted nowrap" }, isUnderWay(call) ? "…" : millisOf(call.ms)),
    ]),
    el("span", { class: "callbottom muted" }, [
      el("time", {}, preciseTimeOf(call.at)),
      chatOf(call) !== undefined && el("span", { class: "clip place" }, `→ ${placeName(chatOf(call))}`),
      el("span", { class: "clip grow" }, call.ok ? shortParams(call.params) : (call.error ?? shortParams(call.params))),
    ]),
  );
  const props = { class: `call ${tone}`, testid: `call-${call.n}`, "data-method": call.method, "data-ok": String(Boolean(call.ok)) };
  return el("li", props, head, expanded && details(call));
}

/** The title of a chat or name of a user, if the player can see it, else its id. */
function placeName(id) {
  const user = players().find((one) => String(one.id) === String(id));
  const chat = (state.data?.chats ?? []).find((one) => one.type !== "private" && String(one.id) === String(id));
  return user?.first_name ?? chat?.title ?? id;
}

const chatOf = (call) => call.params?.chat_id;

/** The telling parameters in one line: the text first, then names and values. */
function shortParams(params) {
  const { text, caption, ...others } = params ?? {};
  const rest = Object.entries(others).filter(([name]) => !DULL.has(name));
  const parts = [text ?? caption, ...rest.map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`)];
  const line = parts.filter((part) => part !== undefined && part !== null).join(" · ").replace(/\s+/g, " ");
  return line.length > LONGEST_SHORT ? `${line.slice(0, LONGEST_SHORT)}…` : line;
}

function details(call) {
  const copy = () => navigator.clipboard?.writeText(JSON.stringify(call, null, 2)).then(() => toast("Copied"), complain);
  return el(
    "div",
    { class: "calldetails", testid: `call-details-${call.n}` },
    iconButton("copy", "Copy as JSON", `call-copy-${call.n}`, copy),
    part("Parameters", call.params),
    call.ok ? part("Result", call.result) : part("Error", call.error),
  );
}

function part(title, value) {
  const text = typeof value === "string" ? value : JSON.stringify(value ?? null, null, 2);
  return [el("h3", {}, title), el("pre", { tabindex: "0" }, text)];
}
