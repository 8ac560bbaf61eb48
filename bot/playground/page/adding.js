/** Forms for new people and new groups. */

import { addGroup, addUser } from "./api.js";
import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { field, formDialog } from "./overlays.js";
import { goTo, nameOf, players, refresh, state } from "./store.js";

const KINDS = { supergroup: "Supergroup", group: "Basic group" };

/** Ask for a new user. */
export function askUser() {
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

/** Ask for a new group; the player owns it. */
export function askGroup() {
  const kind = el("select", { name: "kind", testid: "group-kind" }, Object.entries(KINDS).map(([value, name]) => el("option", { value }, name)));
  const topics = el("input", { type: "checkbox", name: "forum", testid: "group-forum" });
  const withTopics = el("label", { class: "tick" }, topics, "With topics");
  kind.addEventListener("change", () => (withTopics.hidden = kind.value !== "supergroup"));
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
      field("Kind", kind),
      el("fieldset", {}, el("legend", {}, "Members"), people),
      el("label", { class: "tick" }, el("input", { type: "checkbox", name: "with_bot", checked: true }), "With the bot in it"),
      withTopics,
    ],
    submit: async (form) => {
      const members = [...new Set([state.user, ...form.getAll("members").map(Number)])];
      const facts = { title: form.get("title").trim(), type: kind.value, members, admins: [state.user], with_bot: form.has("with_bot") };
      if (kind.value === "supergroup") facts.forum = form.has("forum");
      const chat = await addGroup(facts);
      goTo(state.user, chat.id);
    },
  });
}
