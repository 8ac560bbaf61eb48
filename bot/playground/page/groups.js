/** The panel of groups: all there are, and of the chosen one its title, kind and members. */

import { askGroup } from "./adding.js";
import { migrate, rename, setForum } from "./api.js";
import { avatar } from "./avatar.js";
import { el, fill } from "./dom.js";
import { wide } from "./faults.js";
import { counted } from "./format.js";
import { askWho, memberRows, othersOf } from "./members.js";
import { complain, field, formDialog } from "./overlays.js";
import { iconButton } from "./people.js";
import { goTo, hand, memberOf, refresh, state } from "./store.js";

const NOTICES = {
  both: "Both, as Telegram does",
  to: "Only migrate_to_chat_id, in the old group",
  from: "Only migrate_from_chat_id, in the new one",
  none: "None: an error tells it",
};

/** Build the panel; returns {show, hear}. */
export function buildGroups(root) {
  const self = { root, shown: "", chosen: null, chat: null };
  return { show: () => show(self), hear: () => {} };
}

function show(self) {
  const groups = state.data?.groups ?? [];
  if (state.chat !== self.chat) Object.assign(self, { chat: state.chat, chosen: state.chat });
  const group = groups.find((one) => one.id === self.chosen) ?? groups[0] ?? null;
  const facts = groups.map(({ id, title, type, forum, members }) => ({ id, title, type, forum, members }));
  const shown = JSON.stringify([facts, group?.id, state.user, state.data?.users]);
  if (shown === self.shown) return;
  self.shown = shown;
  const focused = self.root.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  const top = self.root.firstChild?.scrollTop ?? 0;
  fill(self.root, el("div", { class: "panelscroll padded" }, list(self, groups, group), group && whole(group)));
  self.root.firstChild.scrollTop = top;
  if (focused) self.root.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function list(self, groups, chosen) {
  const head = el("div", { class: "grouphead" }, el("h3", { class: "grow" }, "Groups"), iconButton("plus", "New group", "groups-new", askGroup));
  const rows = groups.map((group) => row(group, group === chosen, () => choose(self, group)));
  return el("div", { class: "group" }, head, rows.length ? el("ul", { class: "grouplist" }, rows) : el("p", { class: "hint small" }, "No groups yet"));
}

function row(group, current, run) {
  const inside = [
    avatar(group.id, group.title, "small"),
    el("span", { class: "chatlines" }, el("strong", { class: "clip" }, group.title), el("small", { class: "clip" }, kindOf(group))),
  ];
  const props = { type: "button", class: "grouprow", testid: `group-${group.id}`, "aria-current": current ? "true" : null, onclick: run };
  return el("li", {}, el("button", props, inside));
}

function kindOf({ type, forum, members }) {
  const kind = type === "group" ? "basic group" : forum ? "supergroup with topics" : "supergroup";
  return `${kind} · ${counted(members.length, "member")}`;
}

/** Choose a group, and go there if the player is in it. */
function choose(self, group) {
  self.chosen = group.id;
  if (memberOf(group, state.user)) goTo(state.user, group.id);
  show(self);
}

function whole(group) {
  const head = el(
    "div",
    { class: "grouphead" },
    el("h3", { class: "grow clip", testid: "group-name" }, group.title),
    iconButton("edit", "Rename the group", "group-rename", () => askTitle(group)),
  );
  const buttons = [
    othersOf(group).length > 0 && wide("plus", "Add somebody", "member-add", (event) => askWho(event.currentTarget, group)),
    group.type === "supergroup" && !group.forum && wide("topics", "Turn on topics", "group-topics", () => setForum(group).then(refresh, complain)),
    group.type === "group" && wide("group", "Make this a supergroup", "group-migrate", () => askMove(group)),
  ];
  return el("div", { class: "group" }, head, memberRows(group), el("div", { class: "stackbuttons" }, buttons));
}

function askTitle(group) {
  formDialog({
    title: "Rename the group",
    testid: "title-form",
    action: "Rename",
    fields: [field("Title", el("input", { name: "title", required: true, maxlength: 128, value: group.title, autocomplete: "off", testid: "title" }))],
    submit: async (form) => {
      await rename({ chat: group.id, title: form.get("title"), by: hand(group) });
      await refresh();
    },
  });
}

function askMove(group) {
  const tell = el("select", { name: "tell", testid: "migrate-tell" }, Object.entries(NOTICES).map(([value, name]) => el("option", { value }, name)));
  formDialog({
    title: "Make this a supergroup",
    testid: "migrate-form",
    action: "Do it",
    fields: [field("Notices that the bot gets", tell, "Telegram sends both; either may be lost. What the bot then writes to the old group is refused with the new id.")],
    submit: async (form) => {
      const moved = await migrate({ chat: group.id, tell: form.get("tell"), by: hand(group) });
      if (state.chat === group.id) await goTo(state.user, moved.id, { push: false });
      else await refresh();
    },
  });
}
