/** One message of the chat: bubble, media, quote, buttons. */

import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { richText } from "./entities.js";
import { fullTimeOf, sizeOf, starsOf, timeOf, toneOf } from "./format.js";
import { icon } from "./icons.js";
import { keyboard } from "./keyboard.js";
import { pictureDialog } from "./overlays.js";

const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|[\u{1F3FB}-\u{1F3FF}])*){1,3}$/u;

/** Build the row of a message; `acts` are what its parts may do. */
export function messageRow(row, acts) {
  const { message, mine, first, last, inGroup } = row;
  const classes = ["row", mine ? "mine" : "theirs", first && "first", last && "last"].filter(Boolean).join(" ");
  const side = inGroup && !mine;
  return el(
    "li",
    { class: classes, testid: `message-${message.id}`, "data-message": message.id },
    side && (last ? avatar(message.from.id, message.from.name, "small", message.from.is_bot) : el("span", { class: "avatar small none" })),
    el("div", { class: "stack" }, bubble(row, side && first, acts), reactions(message), keyboard(message, row.busy, acts)),
    actions(row, acts),
  );
}

function bubble({ message, mine }, withAuthor, acts) {
  const large = message.kind === "sticker" || message.kind === "dice" || isOnlyEmoji(message);
  const from = mine ? "You" : message.from.name;
  const classes = ["bubble", large && "bare", message.kind === "photo" && !message.text && "captionless"].filter(Boolean).join(" ");
  return el(
    "article",
    { class: classes, tabindex: "-1", "aria-label": `${from}, ${timeOf(message.date)}` },
    withAuthor && el("span", { class: `author ink-${message.from.is_bot ? "bot" : toneOf(message.from.id)}` }, message.from.name),
    message.forwarded && el("span", { class: "forwarded" }, icon("forward", 14), "Forwarded"),
    message.reply_to && quote(message.reply_to, acts),
    media(message),
    body(message, mine, acts),
  );
}

function reactions(message) {
  if (!message.reactions?.length) return null;
  return el("div", { class: "reactions" }, message.reactions.map((emoji) => el("span", {}, emoji)));
}

function body(message, mine, acts) {
  const text = WORDLESS.has(message.kind) ? "" : (message.text ?? "");
  return el(
    "div",
    { class: isOnlyEmoji(message) ? "text emoji" : "text", dir: "auto", testid: `text-${message.id}` },
    richText(text, message.entities, acts),
    meta(message, mine),
  );
}

const isOnlyEmoji = (message) => message.kind === "text" && ONLY_EMOJI.test(message.text ?? "");

function meta(message, mine) {
  return el(
    "span",
    { class: "meta", title: fullTimeOf(message.date) },
    message.pinned && icon("pin", 13),
    message.edited && el("span", { class: "edited" }, "edited"),
    el("time", {}, timeOf(message.date)),
    mine && icon("check", 14),
  );
}

function quote(reply, acts) {
  return el(
    "button",
    { type: "button", class: "quote", "aria-label": `In reply to ${reply.name}`, onclick: () => acts.jumpTo(reply.id) },
    el("strong", { class: "clip" }, reply.name),
    el("span", { class: "clip" }, reply.text || "Message"),
  );
}

const WORDLESS = new Set(["sticker", "dice", "voice", "poll", "invoice"]);

const MEDIA = { photo, document: file, sticker, voice, dice, poll, invoice };

function media(message) {
  const known = MEDIA[message.kind]?.(message);
  if (known || message.kind === "text" || message.text) return known;
  return el("span", { class: "oddkind" }, message.kind);
}

const blankPhoto = () => el("div", { class: "photo blank", role: "img", "aria-label": "Photo" }, icon("photo", 40));

function photo({ photo: picture }) {
  if (!picture?.url) return blankPhoto();
  const { url, width, height } = picture;
  const image = el("img", { src: url, width, height, alt: "Photo", class: "photo", loading: "lazy" });
  image.addEventListener("error", () => image.closest("button")?.replaceWith(blankPhoto()));
  const show = { type: "button", class: "photobutton", "aria-label": "Enlarge the photo", onclick: () => pictureDialog(url) };
  return el("button", show, image);
}

function file({ document: data }) {
  if (!data) return null;
  const facts = [el("strong", { class: "clip" }, data.name ?? "file"), el("small", {}, data.size === undefined ? "" : sizeOf(data.size))];
  const inside = [el("span", { class: "fileicon" }, icon(data.url ? "file" : "attach", 22)), el("span", { class: "chatlines" }, facts)];
  if (!data.url) return el("span", { class: "file" }, inside);
  return el("a", { class: "file", href: data.url, download: data.name ?? "", testid: "document" }, inside);
}

function sticker({ sticker: data, text }) {
  return el("span", { class: "giant", role: "img", "aria-label": "Sticker" }, data?.emoji ?? (text || "🙂"));
}

function dice({ dice: data }) {
  return el("span", { class: "giant" }, data?.emoji ?? "🎲", data?.value && el("span", { class: "rolled" }, String(data.value)));
}

function voice({ voice: data }) {
  const bars = Array.from({ length: 22 }, (_, n) => el("i", { class: `h${(n * 7 + n * n * 3) % 6}` }));
  const { duration } = data ?? {};
  const length = duration === undefined ? "" : `${Math.floor(duration / 60)}:${String(duration % 60).padStart(2, "0")}`;
  return el(
    "span",
    { class: "voice", role: "img", "aria-label": `Voice message, ${length}` },
    el("span", { class: "fileicon" }, icon("play", 20)),
    el("span", { class: "wave" }, bars),
    el("small", {}, length),
  );
}

function poll({ poll: data, text }) {
  if (!data) return el("strong", {}, text);
  const options = (data.options ?? []).map((option) => el("li", {}, option.text ?? option));
  return el("div", { class: "poll" }, el("strong", {}, data.question), el("ul", {}, options));
}

function invoice({ invoice: data }) {
  if (!data) return null;
  const price = el("span", { class: "pill" }, starsOf(data.total_amount));
  return el("div", { class: "poll" }, el("strong", {}, data.title), el("p", {}, data.description), price);
}

function actions({ message, mine }, acts) {
  const edits = mine && message.kind === "text" && !message.forwarded;
  return el(
    "div",
    { class: "rowacts" },
    edits && act("edit", "Edit", `edit-${message.id}`, () => acts.edit(message)),
    act("reply", "Reply", `reply-${message.id}`, () => acts.reply(message)),
  );
}

function act(name, label, testid, run) {
  return el("button", { type: "button", class: "rowact", "aria-label": label, title: label, testid, onclick: run }, icon(name, 17));
}

/** The bubble that grows while the bot writes. */
export function draftRow(draft, acts) {
  const text = el("div", { class: "text", dir: "auto", testid: "draft-text" }, richText(draft.text ?? "", draft.entities, acts));
  text.append(el("span", { class: "caret", "aria-hidden": "true" }));
  const inside = el("article", { class: "bubble draft", "aria-label": "The bot is writing" }, text);
  return el("li", { class: "row theirs first last", testid: "draft" }, el("div", { class: "stack" }, inside));
}

/** Three dots while the bot types. */
export function typingRow() {
  const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  const inside = el("article", { class: "bubble", "aria-label": "The bot is typing" }, dots);
  return el("li", { class: "row theirs first last", testid: "typing" }, el("div", { class: "stack" }, inside));
}
