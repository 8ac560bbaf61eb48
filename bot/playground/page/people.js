/** The left column: who plays, and the chats of that player. */

import { askGroup, askUser } from "./adding.js";
import { avatar } from "./avatar.js";
import { buildClock } from "./clock.js";
import { el, fill, keyed } from "./dom.js";
import { counted, listTimeOf } from "./format.js";
import { icon, logo } from "./icons.js";
import { goTo, nameOf, openChat, players, state } from "./store.js";

/** Build the column once; returns the function that shows the state. */
export function buildPeople(root, { toggleInspector }) {
  const cast = el("div", { class: "cast", role: "group", "aria-label": "Play as" });
  const chats = el("ul", { class: "chats", testid: "chats" });
  const clock = buildClock();
  const whose = el("h2", { class: "grow" }, "Chats");
  fill(
    root,
    brand(clock.time, toggleInspector),
    clock.node,
    cast,
    el("div", { class: "sectionhead" }, whose, iconButton("plus", "New group", "new-group", askGroup)),
    chats,
  );
  return () => {
    clock.show();
    keyed(cast, [...players().map(castRow), { add: true }], { key: (row) => row.id ?? "add", make: castButton });
    keyed(chats, (state.data?.chats ?? []).map(chatRow), { key: (row) => row.id, make: chatItem });
    const player = players().find((user) => user.id === state.user);
    whose.textContent = player ? `Chats of ${player.first_name}` : "Chats";
  };
}

function brand(time, toggleInspector) {
  return el(
    "header",
    { class: "brand" },
    logo(34),
    el("div", { class: "grow" }, el("h1", {}, "Potluck"), el("p", {}, "playground")),
    time,
    parent === window && iconButton("two", "Two players side by side", "two", playTwo),
    el("span", { class: "onphone" }, iconButton("pulse", "Inspector", "inspector-open-list", toggleInspector)),
  );
}

/** Play as two users at once: the one who plays now, and the next one. */
function playTwo() {
  const next = players().find((user) => user.id !== state.user);
  location.assign(`two.html#${state.user}/${next?.id ?? ""}`);
}

/** A round button that shows only an icon. */
export function iconButton(name, label, testid, run) {
  const props = { type: "button", class: "iconbutton", "aria-label": label, title: label, testid, onclick: run };
  return el("button", props, icon(name));
}

const castRow = (user) => ({
  id: user.id,
  name: nameOf(user),
  short: user.first_name,
  language: user.language_code ?? "",
  unread: user.unread ?? 0,
  blocked: Boolean(user.blocked),
  current: user.id === state.user,
});

function castButton(row) {
  if (row.add) return addPerson();
  const label = `Play as ${row.name}${row.unread ? `, ${row.unread} unread` : ""}`;
  return el(
    "button",
    {
      type: "button",
      class: "person",
      testid: `user-${row.id}`,
      "aria-pressed": String(row.current),
      "aria-label": label,
      title: `${row.name} (${row.language || "no language"})`,
      onclick: () => playAs(row.id),
    },
    el(
      "span",
      { class: "ring" },
      avatar(row.id, row.name, "large"),
      row.unread > 0 && el("span", { class: "badge", testid: `user-unread-${row.id}` }, badgeText(row.unread)),
      row.blocked && el("span", { class: "blockedmark" }, icon("block", 14)),
    ),
    el("span", { class: "personname" }, row.short),
  );
}

function addPerson() {
  return el(
    "button",
    { type: "button", class: "person", testid: "add-user", "aria-label": "Add a user", onclick: askUser },
    el("span", { class: "ring" }, el("span", { class: "avatar large hollow" }, icon("plus", 22))),
    el("span", { class: "personname" }, "Add"),
  );
}

const badgeText = (count) => (count > 99 ? "99+" : String(count));

/** Play as another user: in the same group if he is in it, else in his chat with the bot. */
export function playAs(user) {
  if (state.chat === null) return goTo(user, null);
  const wasPrivate = state.chat === state.user;
  return goTo(user, wasPrivate ? user : state.chat).then(() => {
    if (state.user === user && !openChat()) goTo(user, user, { push: false });
  });
}

const chatRow = (chat) => ({ ...chat, current: chat.id === state.chat, now: dayOnly(state.data.now) });

const dayOnly = (seconds) => Math.floor(seconds / 3_600) * 3_600;

function chatItem(chat) {
  const preview = [chat.type !== "private" && chat.last_from && `${chat.last_from}: `, chat.last_text];
  const label = `${chat.title}${chat.unread ? `, ${counted(chat.unread, "unread message")}` : ""}`;
  const button = el(
    "button",
    {
      type: "button",
      class: "chatitem",
      testid: `chat-${chat.id}`,
      "aria-current": chat.current ? "true" : null,
      "aria-label": label,
      onclick: () => goTo(state.user, chat.id),
    },
    avatar(chat.id, chat.title, "large", chat.type === "private"),
    el(
      "span",
      { class: "chatlines" },
      el(
        "span",
        { class: "chattop" },
        el("strong", { class: "clip grow" }, chat.title),
        chat.last_date > 0 && el("time", {}, listTimeOf(chat.last_date, chat.now)),
      ),
      el(
        "span",
        { class: "chattop" },
        el("span", { class: "clip grow preview" }, preview.filter(Boolean).join("") || "No messages yet"),
        chat.unread > 0 && el("span", { class: "badge", testid: `unread-${chat.id}` }, badgeText(chat.unread)),
      ),
    ),
  );
  return el("li", {}, button);
}
