/** The list of messages: grouping, days, draft and typing rows, and where it is scrolled to. */

import { draftRow, messageRow, typingRow } from "./bubble.js";
import { announce, el, keyed, nodeOf } from "./dom.js";
import { counted, dayKey, dayName } from "./format.js";
import { icon } from "./icons.js";
import { busyButtons } from "./keyboard.js";
import { hereKey, nameOf, openChat, players, shownMessages, state, topicNow } from "./store.js";

const NEAR_BOTTOM_PX = 90;
const SAME_BREATH_SECONDS = 300;

/** Build the list; returns {node, show, toBottom, jumpTo}. */
export function buildMessages(acts) {
  const list = el("ol", { class: "messages", testid: "messages" });
  const scroller = el("div", { class: "scroller", tabindex: "0", "aria-label": "Messages", testid: "scroller" }, list);
  const count = el("span", { class: "badge" });
  const down = el("button", { type: "button", class: "down", "aria-label": "To the newest message", testid: "jump-down" }, icon("down", 22), count);
  const node = el("div", { class: "messagearea" }, scroller, down);
  const view = { list, scroller, down, count, place: null, missed: 0, stuck: true };
  acts.jumpTo = (id) => jumpTo(view, id);
  down.addEventListener("click", () => toBottom(view, true));
  scroller.addEventListener("scroll", () => scrolled(view), { passive: true });
  const resized = new ResizeObserver(() => view.stuck && toBottom(view));
  resized.observe(scroller);
  resized.observe(list);
  return { node, show: () => show(view, acts), toBottom: () => toBottom(view), jumpTo: acts.jumpTo };
}

function show(view, acts) {
  const place = hereKey();
  const moved = place !== view.place || view.partial;
  if (moved) Object.assign(view, { place, partial: Boolean(state.data?.partial), missed: 0, stuck: true });
  const rows = rowsOf(state.data);
  const added = keyed(view.list, rows, { key: (row) => row.key, make: (row) => make(row, acts), signature });
  view.list.classList.toggle("settled", !moved);
  if (!moved) welcome(view, rows, added);
  if (view.stuck) toBottom(view);
  showDown(view);
}

const signature = (row) => JSON.stringify(row);

function make(row, acts) {
  if (row.kind === "day") return el("li", { class: "day" }, el("span", {}, row.name));
  if (row.kind === "service") return serviceRow(row.message);
  if (row.kind === "draft") return draftRow(row.draft, acts);
  if (row.kind === "typing") return typingRow();
  return messageRow(row, acts);
}

function serviceRow(message) {
  const props = { class: "service", testid: `message-${message.id}`, "data-message": message.id };
  return el("li", props, el("span", {}, message.service ?? message.text));
}

const isService = (message) => message.kind === "service" || Boolean(message.service);

/** Rows to show, in order: a message knows whether it starts and ends a breath of its sender. */
function rowsOf(data) {
  const messages = shownMessages();
  const inGroup = openChat()?.type !== "private";
  const rows = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    if (!before || dayKey(before.date) !== dayKey(message.date)) rows.push(dayRow(message, data.now));
    rows.push(rowOf(message, before, messages[index + 1], inGroup));
  });
  if (data?.draft) rows.push({ key: "draft", kind: "draft", draft: data.draft });
  else if (data?.typing) rows.push({ key: "typing", kind: "typing" });
  return rows;
}

function dayRow({ date }, now) {
  return { key: `day ${dayKey(date)}`, kind: "day", name: dayName(date, now) };
}

function rowOf(message, before, after, inGroup) {
  if (isService(message)) return { key: message.id, kind: "service", message };
  return {
    key: message.id,
    kind: "message",
    message: { ...message, reply_to: quoted(message.reply_to) },
    mine: message.author === state.user,
    first: !sameBreath(before, message),
    last: !sameBreath(message, after),
    busy: busyButtons(message),
    inGroup,
  };
}

/** The quoted message; the server may give it whole or only its id. */
function quoted(reply) {
  if (!reply || typeof reply === "object") return reply;
  const found = state.data.messages.find((message) => message.id === reply);
  return found ? { id: reply, name: found.from.name, text: found.text } : { id: reply, name: "Message", text: "" };
}

function sameBreath(one, two) {
  if (!one || !two || isService(one) || isService(two) || one.from.id !== two.from.id) return false;
  return two.date - one.date < SAME_BREATH_SECONDS && dayKey(one.date) === dayKey(two.date);
}

/** Let new messages of others be heard, counted and seen arriving. */
function welcome(view, rows, added) {
  for (const row of rows.filter((one) => added.includes(String(one.key)))) {
    nodeOf(view.list, row.key)?.classList.add("arriving");
    if (row.kind !== "message" || row.mine) continue;
    announce(`${row.message.from.name}: ${row.message.text || row.message.kind}`);
    if (!view.stuck) view.missed += 1;
  }
}

function scrolled(view) {
  const { scrollTop, scrollHeight, clientHeight } = view.scroller;
  view.stuck = scrollHeight - scrollTop - clientHeight < NEAR_BOTTOM_PX;
  if (view.stuck) view.missed = 0;
  showDown(view);
}

function showDown(view) {
  view.down.classList.toggle("shown", !view.stuck);
  view.down.tabIndex = view.stuck ? -1 : 0;
  view.count.textContent = view.missed || "";
}

function toBottom(view, smooth = false) {
  Object.assign(view, { stuck: true, missed: 0 });
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  view.scroller.scrollTo({ top: view.scroller.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
  showDown(view);
}

function jumpTo(view, id) {
  const node = nodeOf(view.list, id);
  if (!node) return;
  view.stuck = false;
  node.scrollIntoView({ block: "center" });
  node.classList.remove("found");
  requestAnimationFrame(() => node.classList.add("found"));
}

/** Subtitle of a chat: what the bot is doing, or who is there. */
export function subtitleOf(chat) {
  if (state.data.draft) return "writing…";
  if (state.data.typing) return "typing…";
  if (chat.type === "private") return state.data.bot?.running === false ? "bot · stopped" : "bot";
  const me = players().find((user) => user.id === state.user);
  const topic = chat.forum ? ` · ${topicNow()?.name ?? "General"}` : "";
  return `${counted(chat.members.length, "member")}${topic} · you are ${me ? nameOf(me) : "somebody"}`;
}
