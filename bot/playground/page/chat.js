/** The middle column: head of the chat, pinned message, messages, composer. */

import { avatar } from "./avatar.js";
import { payLink } from "./checkout.js";
import { buildComposer } from "./composer.js";
import { el, fill } from "./dom.js";
import { icon } from "./icons.js";
import { buildMessages, subtitleOf } from "./messages.js";
import { complain } from "./overlays.js";
import { iconButton } from "./people.js";
import { send } from "./api.js";
import { goTo, openChat, refresh, shownMessages, state } from "./store.js";
import { buildTopics } from "./topics.js";

/** Build the column once; returns the function that shows the state. */
export function buildChat(root, { toggleInspector }) {
  const acts = {};
  const head = el("header", { class: "chathead" });
  const pinned = el("button", { type: "button", class: "pinned", testid: "pinned" });
  const topics = buildTopics();
  const messages = buildMessages(acts);
  const empty = el("div", { class: "empty" });
  const composer = buildComposer({ sent: messages.toBottom });
  Object.assign(acts, { reply: composer.reply, edit: composer.edit, command: composer.command, link: followLink });
  messages.node.append(empty);
  fill(root, head, topics.node, pinned, messages.node, composer.node);
  const shown = {};
  pinned.addEventListener("click", () => shown.pin && messages.jumpTo(shown.pin.id));
  return () => {
    const chat = openChat();
    root.classList.toggle("nothing", !chat);
    showOnce(shown, "head", chat && { chat, subtitle: subtitleOf(chat) }, (value) => fill(head, headOf(value, toggleInspector)));
    topics.show();
    shown.pin = shownMessages().findLast((message) => message.pinned) ?? null;
    showOnce(shown, "pinned", shown.pin, (pin) => fill(pinned, pin && pinnedOf(pin)));
    showOnce(shown, "empty", emptiness(chat), (value) => fill(empty, value && emptyCard(value)));
    composer.show();
    messages.show();
  };
}

/** Redraw a part only if its value changed. */
function showOnce(shown, name, value, draw) {
  const mark = JSON.stringify(value ?? null);
  if (shown[`${name}Mark`] === mark) return;
  shown[`${name}Mark`] = mark;
  draw(value);
}

function headOf(value, toggleInspector) {
  if (!value) return null;
  const { chat, subtitle } = value;
  const busy = subtitle.endsWith("…");
  return [
    el("span", { class: "onphone" }, iconButton("back", "Back to the chats", "back", () => goTo(state.user, null))),
    avatar(chat.id, chat.title, "", chat.type === "private"),
    el(
      "div",
      { class: "chatlines" },
      el("h2", { class: "clip", testid: "chat-title" }, chat.title),
      el("p", { class: busy ? "clip busy" : "clip", testid: "chat-subtitle" }, subtitle),
    ),
    el("span", { class: "notwide" }, iconButton("pulse", "Inspector", "inspector-open", toggleInspector)),
  ];
}

function pinnedOf(pin) {
  const lines = [el("strong", {}, "Pinned message"), el("span", { class: "clip" }, pin.text || pin.kind)];
  return [icon("pin", 18), el("span", { class: "chatlines" }, lines)];
}

function emptiness(chat) {
  if (!chat || state.data.partial || shownMessages().length) return chat ? null : { kind: "none" };
  const bot = state.data.bot ?? {};
  return { kind: chat.type === "private" ? "private" : "group", title: chat.title, id: chat.id, username: bot.username, about: bot.description };
}

function emptyCard({ kind, title, id, username, about }) {
  if (kind === "none") return el("p", { class: "hint" }, "Choose a chat to begin");
  if (kind === "group") return el("p", { class: "hint" }, `Nobody has said anything in ${title} yet`);
  return el(
    "div",
    { class: "card start" },
    avatar(id, title, "huge", true),
    el("h2", {}, title),
    username && el("p", { class: "muted" }, `@${username}`),
    el("p", { dir: "auto", testid: "about" }, about || "Nothing here yet. Press Start, as everybody does who meets a bot for the first time."),
    el("button", { type: "button", class: "mainbutton", testid: "start", onclick: start }, "Start"),
  );
}

function start() {
  send({ user: state.user, chat: state.chat, text: "/start" }).then(refresh, complain);
}

/** Links to invoices are paid here, others may say something to the bot. */
function followLink(url) {
  return payLink(url) || followDeepLink(url);
}

/** Links like t.me/bot?start=x say "/start x" to the bot instead of leaving the page. */
function followDeepLink(url) {
  const bot = state.data?.bot?.username;
  const found = /^(?:https?:\/\/)?t\.me\/(\w+)\/?(?:\?start=([\w-]+))?$/i.exec(url);
  if (!found || !bot || found[1].toLowerCase() !== bot.toLowerCase()) return false;
  const words = found[2] ? `/start ${found[2]}` : null;
  goTo(state.user, state.user).then(() => words && send({ user: state.user, chat: state.user, text: words }).catch(complain));
  return true;
}
