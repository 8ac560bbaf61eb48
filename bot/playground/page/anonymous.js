/** The switch of an admin who writes as the group. */

import { setMember } from "./api.js";
import { iconButton } from "./people.js";
import { complain, toast } from "./overlays.js";
import { hand, isAdmin, memberOf, openChat, refresh, state } from "./store.js";

/** Whether the player writes as the group in this chat. */
export const isAnonymous = (chat) => Boolean(memberOf(chat, state.user)?.anonymous);

/** Build the button; it is only shown to admins of supergroups. Returns {node, show}. */
export function buildAnonymous() {
  const node = iconButton("mask", "Write anonymously, as the group", "anonymous", flip);
  return { node, show: () => show(node) };
}

function show(node) {
  const chat = openChat();
  node.hidden = chat?.type !== "supergroup" || !isAdmin(chat, state.user);
  if (!node.hidden) node.setAttribute("aria-pressed", String(isAnonymous(chat)));
}

async function flip() {
  const chat = openChat();
  const { status } = memberOf(chat, state.user);
  const anonymous = !isAnonymous(chat);
  try {
    await setMember({ chat: chat.id, user: state.user, status, anonymous, by: hand(chat) });
    toast(anonymous ? `You write as ${chat.title} now` : "You write under your name again");
    await refresh();
  } catch (error) {
    complain(error);
  }
}
