/** The members of a group: what each one is, and the menus that change it. */

import { setMember } from "./api.js";
import { avatar } from "./avatar.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { complain, menu } from "./overlays.js";
import { hand, memberOf, nameOf, players, refresh, state } from "./store.js";

const ROLES = [
  { name: "Owner", status: "creator", people: true },
  { name: "Admin", status: "administrator" },
  { name: "Anonymous admin", status: "administrator", anonymous: true, people: true, large: true },
  { name: "Member", status: "member" },
  { name: "Restricted", status: "restricted", large: true },
  { name: "Leaves", status: "left", out: true },
  { name: "Removed", status: "kicked", out: true },
];
const RANKS = ["creator", "administrator", "member", "restricted"];

const everybody = () => [state.data.bot, ...players()];

/** Who could be added to a group. */
export const othersOf = (group) => everybody().filter((one) => !memberOf(group, one.id));

/** Build the list: the bot first, then by rank. */
export function memberRows(group) {
  const rank = (one) => (one.id === state.data.bot.id ? -1 : RANKS.indexOf(one.status));
  const members = [...group.members].sort((one, two) => rank(one) - rank(two));
  return el("ul", { class: "memberlist", testid: "members" }, members.map((member) => row(group, member)));
}

/** Open the menu of who can be added. */
export function askWho(anchor, group) {
  const items = othersOf(group).map((one) => ({
    label: nameOf(one),
    sub: one.username ? `@${one.username}` : `id ${one.id}`,
    lead: avatar(one.id, nameOf(one), "small", one.is_bot),
    testid: `add-${one.id}`,
    run: () => give(group, one.id, { status: "member" }),
  }));
  menu(anchor, `Add to ${group.title}`, items);
}

function row(group, member) {
  const isBot = member.id === state.data.bot.id;
  const name = everybody().find((one) => one.id === member.id) ?? { first_name: member.name };
  const button = el(
    "button",
    { type: "button", class: `role ${member.status}`, "aria-haspopup": "menu", "aria-label": `${nameOf(name)}: ${roleOf(member)}; change`, testid: `role-${member.id}` },
    roleOf(member),
    icon("down", 13),
  );
  button.addEventListener("click", () => menu(button, `What ${nameOf(name)} is`, roles(group, member, isBot)));
  return el("li", { class: "member" }, avatar(member.id, nameOf(name), "small", isBot), el("span", { class: "clip grow" }, nameOf(name)), button);
}

const isRole = (role, member) => role.status === member.status && (Boolean(role.anonymous) === member.anonymous || role.status === "creator");

const roleOf = (member) => ROLES.find((role) => isRole(role, member))?.name ?? member.status;

function roles(group, member, isBot) {
  const known = ROLES.filter((role) => !(role.people && isBot) && !(role.large && group.type === "group"));
  return known.map((role) => ({
    label: role.name,
    testid: `give-${role.anonymous ? "anonymous" : role.status}`,
    checked: isRole(role, member),
    run: () => give(group, member.id, role),
  }));
}

function give(group, user, { status, anonymous = false }) {
  const by = status === "left" ? user : hand(group);
  return setMember({ chat: group.id, user, status, anonymous, by }).then(refresh, complain);
}
