/** Telegram's message entities as DOM nodes. Offsets count UTF-16 units, as JavaScript's strings do. */

import { el } from "./dom.js";

const SAFE_LINK = /^(https?|tg|mailto|tel):/i;

/** Whether a link that somebody sent may become a real one. */
export const isSafeLink = (url) => SAFE_LINK.test(url);

const TAGS = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  code: "code",
  hashtag: "span",
  cashtag: "span",
  custom_emoji: "span",
  date_time: "span",
};

/** Nodes for a text with its entities; `acts` has `command(text)` and `link(url)` (true: handled). */
export function richText(text, entities, acts) {
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return pieces(text, sorted, { start: 0, end: text.length }, acts);
}

function pieces(text, entities, { start, end }, acts) {
  const nodes = [];
  let at = start;
  entities.forEach((entity, index) => {
    const stop = Math.min(entity.offset + entity.length, end);
    if (entity.offset < at || stop <= entity.offset) return;
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    const inside = entities.slice(index + 1).filter((other) => other.offset < stop);
    const range = { start: entity.offset, end: stop };
    nodes.push(wrap(entity, text.slice(range.start, range.end), pieces(text, inside, range, acts), acts));
    at = stop;
  });
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap(entity, text, inside, acts) {
  switch (entity.type) {
    case "url":
      return link(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`, inside, acts);
    case "text_link":
      return link(entity.url, inside, acts);
    case "email":
      return link(`mailto:${text}`, inside, acts);
    case "phone_number":
      return link(`tel:${text.replace(/[^\d+]/g, "")}`, inside, acts);
    case "bot_command":
      return command(inside, () => acts.command(text));
    case "mention":
    case "text_mention":
      return el("span", { class: "mention" }, inside);
    case "spoiler":
      return spoiler(inside);
    case "pre":
      return codeBlock(entity.language, inside);
    case "blockquote":
      return el("blockquote", {}, inside);
    case "expandable_blockquote":
      return expandable(inside);
    default:
      return el(TAGS[entity.type] ?? "span", { class: `entity-${entity.type}` }, inside);
  }
}

/** No real button: the line may break inside and after a button, as in "(/fair)". */
function command(inside, run) {
  const node = el("span", { class: "command", role: "button", tabindex: "0", onclick: run }, inside);
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    run();
  });
  return node;
}

function link(url, inside, acts) {
  if (!isSafeLink(url)) return el("span", { class: "deadlink", title: url }, inside);
  const node = el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, inside);
  node.addEventListener("click", (event) => acts.link(url) && event.preventDefault());
  return node;
}

function spoiler(inside) {
  const node = el("span", { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler: show" });
  const cover = el("span", { class: "covered", "aria-hidden": "true" }, inside);
  const show = () => {
    node.classList.add("shown");
    for (const name of ["role", "tabindex", "aria-label"]) node.removeAttribute(name);
    cover.removeAttribute("aria-hidden");
  };
  node.append(cover);
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => ["Enter", " "].includes(event.key) && show());
  return node;
}

function codeBlock(language, inside) {
  const code = el("code", {}, inside);
  return el("pre", { tabindex: "0" }, language && el("span", { class: "language" }, language), code);
}

function expandable(inside) {
  const node = el("blockquote", { class: "expandable" }, inside);
  const more = el("button", { type: "button", class: "more", "aria-expanded": "false" }, "more");
  more.addEventListener("click", () => {
    const open = node.classList.toggle("open");
    more.textContent = open ? "less" : "more";
    more.setAttribute("aria-expanded", String(open));
  });
  node.append(more);
  return node;
}
