/** The left column: who plays, and the chats of that player. */

import { addGroup, addUser } from "./api.js";
import { avatar } from "./avatar.js";
import { el, fill, keyed } from "./dom.js";
import { counted, listTimeOf } from "./format.js";
import { icon, logo } from "./icons.js";
import { field, formDialog } from "./overlays.js";
import { goTo, nameOf, openChat, players, refresh, state } from "./store.js";

/** Build the column once; returns the function that shows the state. */
export function buildPeople(root, { toggleInspector }) {
  const cast = el("div", { class: "cast", role: "group", "aria-label": "Play as" });
  const chats = el("ul", { class: "chats", testid: "chats" });
  const whose = el("h2", { class: "grow" }, "Chats");
  fill(
    root,
    brand(toggleInspector),
    cast,
    el("div", { class: "sectionhead" }, whose, iconButton("plus", "New group", "new-group", askGroup)),
    chats,
  );
  return () => {
    keyed(cast, [...players().map(castRow), { add: true }], { key: (row) => row.id ?? "add", make: castButton });
    keyed(chats, (state.data?.chats ?? []).map(chatRow), { key: (row) => row.id, make: chatItem });
    const player = players().find((user) => user.id === state.user);
    whose.textContent = player ? `Chats of ${player.first_name}` : "Chats";
  };
}

function brand(toggleInspector) {
  return el(
    "header",
    { class: "brand" },
    logo(34),
    el("div", { class: "grow" }, el("h1", {}, "Potluck"), el("p", {}, "playground")),
    el("span", { class: "onphone" }, iconButton("pulse", "Inspector", "inspector-open-list", toggleInspector)),
  );
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

function askUser() {
  const languages = ["en", "es", "pt", "de", "fr", "ar"].map((code) => el("option", {}, code));
  formDialog({
    title: "Add a user",
    testid: "user-form",
    action: "Add",
    fields: [
      field("First name", el("input", { name: "first_name", required: true, maxlength: 64, autocomplete: "off", testid: "user-name" })),
      field("Username", el("input", { name: "username", pattern: "[A-Za-z0-9_]{3,32}", autocomplete: "off", placeholder: "optional" })),
      field("Language of the app", el("select", { name: "language_code" }, languages)),
    ],
    submit: async (form) => {
      const facts = { first_name: form.get("first_name").trim(), language_code: form.get("language_code") };
      if (form.get("username")) facts.username = form.get("username");
      const user = await addUser(facts);
      await refresh();
      goTo(user.id, state.chat === null ? null : user.id);
    },
  });
}

function askGroup() {
  const people = players().map((user) =>
    el(
      "label",
      { class: "tick" },
      el("input", { type: "checkbox", name: "members", value: user.id, checked: true }),
      avatar(user.id, nameOf(user), "small"),
      nameOf(user),
    ),
  );
  formDialog({
    title: "New group",
    testid: "group-form",
    action: "Create",
    fields: [
      field("Title", el("input", { name: "title", required: true, maxlength: 128, autocomplete: "off", testid: "group-title" })),
      el("fieldset", {}, el("legend", {}, "Members"), people),
      el("label", { class: "tick" }, el("input", { type: "checkbox", name: "with_bot", checked: true }), "With the bot in it"),
    ],
    submit: async (form) => {
      const members = [...new Set([state.user, ...form.getAll("members").map(Number)])];
      const facts = { title: form.get("title").trim(), members, admins: [state.user], with_bot: form.has("with_bot") };
      const chat = await addGroup(facts);
      goTo(state.user, chat.id);
    },
  });
}
