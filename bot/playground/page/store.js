/** What the page knows: who plays, which chat is open, the server's last state. Refetches, coalesced. */

import { PlayError, getState } from "./api.js";
import { coalesced } from "./coalesce.js";

/** The one state of the page; change it through the functions below. */
export const state = { user: null, chat: null, topic: null, data: null, clock: null, link: "connecting" };

const FADING_MS = 2_000;

const seen = new Map();
const listeners = new Set();
let fading = null;

/** Call `listener` after every change; returns a function that ends it. */
export function onChange(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tell every listener that something changed. */
export function changed() {
  for (const listener of listeners) listener(state);
}

const placeOf = () => `${state.user}/${state.chat ?? ""}`;

function remember(data) {
  state.data = data;
  state.clock = { now: data.now, ahead: data.ahead, at: performance.now() };
  seen.set(placeOf(), data);
  clearTimeout(fading);
  if (data.draft || data.typing) fading = setTimeout(refresh, FADING_MS);
}

/** Be this user in this chat (null: only the list), shown from memory at once and then refetched. */
export function goTo(user, chat, { push = true } = {}) {
  const target = `#${user}${chat === null ? "" : `/${chat}`}`;
  Object.assign(state, { user, chat, topic: chat === state.chat ? state.topic : null });
  state.data = seen.get(placeOf()) ?? withoutChat(state.data);
  if (location.hash !== target) history[push ? "pushState" : "replaceState"](null, "", target);
  changed();
  return refresh();
}

function withoutChat(data) {
  return data && { ...data, messages: [], draft: null, typing: false, partial: true };
}

/** Who and where the address says, as far as it says it. */
export function placeFromAddress() {
  const [user, chat] = location.hash.slice(1).split("/").map((part) => (/^-?\d+$/.test(part) ? Number(part) : null));
  return { user: user ?? null, chat: chat ?? null };
}

/** Fetch the state once more; calls during a fetch are joined into one fetch after it. */
export const refresh = coalesced(fetchOnce, (error) => {
  if (!(error instanceof PlayError)) throw error;
});

async function fetchOnce() {
  const place = placeOf();
  try {
    const data = await getState(state.user, state.chat);
    if (place !== placeOf()) return void refresh();
    remember(data);
    if (data.moved_to) return void goTo(state.user, data.moved_to, { push: false });
    changed();
  } catch (error) {
    if (error.status >= 400) leaveLostPlace(place);
    throw error;
  }
}

/** A chat or user of an old address may be gone after the server's restart. */
function leaveLostPlace(place) {
  if (place !== placeOf() || (state.user === null && state.chat === null)) return;
  Object.assign(state, state.chat === null ? { user: null } : { chat: null });
  refresh();
}

/** The user that is being played, or null. */
export const me = () => state.data?.users?.find((user) => user.id === state.user) ?? null;

/** The open chat, or null. */
export const openChat = () => state.data?.chats?.find((chat) => chat.id === state.chat) ?? null;

/** Show a topic of the open chat (null: what is in none). */
export function showTopic(topic) {
  state.topic = topic;
  changed();
}

/** The topic that is shown, or null. */
export const topicNow = () => openChat()?.topics.find((one) => one.id === state.topic) ?? null;

/** What is shown, for all that is kept or sent there: who, which chat, which topic. */
export const here = () => ({ user: state.user, chat: state.chat, thread: topicNow()?.id });

/** `here` as a key. */
export const hereKey = () => `${state.user}/${state.chat}/${topicNow()?.id ?? ""}`;

/** The messages of what is shown. */
export function shownMessages() {
  const messages = state.data?.messages ?? [];
  return openChat()?.forum ? messages.filter((one) => one.thread === (topicNow()?.id ?? null)) : messages;
}

/** A user's whole name. */
export const nameOf = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");

/** What somebody is in a chat, or null. */
export const memberOf = (chat, id) => chat.members.find((one) => one.id === id) ?? null;

/** Whether somebody is an admin of a chat. */
export const isAdmin = (chat, id) => ["administrator", "creator"].includes(memberOf(chat, id)?.status);

/** Whose hand changes a chat: the player's if he may; else it is just done. */
export const hand = (chat) => (isAdmin(chat, state.user) ? state.user : undefined);

/** People only: the bots of the state are no users to play. */
export const players = () => (state.data?.users ?? []).filter((user) => !user.is_bot);
