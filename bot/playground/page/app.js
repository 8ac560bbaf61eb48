/** Start of the page: builds the columns, follows the address and the server's events. */

import { buildChat } from "./chat.js";
import { buildInspector } from "./inspector.js";
import { showAnswer } from "./keyboard.js";
import { follow, onEvent } from "./live.js";
import { buildPeople } from "./people.js";
import { goTo, onChange, openChat, placeFromAddress, players, refresh, state } from "./store.js";

const LINK_WORDS = { connecting: "Connecting…", reconnecting: "Reconnecting…", live: "" };

const byId = (id) => document.getElementById(id);
const isWide = () => matchMedia("(min-width: 760px)").matches;

const shell = byId("shell");
const inspector = buildInspector(byId("inspector"), shell, byId("scrim"));
const showPeople = buildPeople(byId("people"), { toggleInspector: inspector.toggle });
const showChat = buildChat(byId("chat"), { toggleInspector: inspector.toggle });

function show() {
  shell.dataset.view = state.chat === null ? "list" : "chat";
  showLink();
  if (!state.data) return;
  settlePlace();
  showPeople();
  showChat();
  inspector.show();
  document.title = titleOf();
}

function showLink() {
  byId("linkbar").textContent = LINK_WORDS[state.link];
  document.body.dataset.link = state.link;
}

/** Nobody is chosen yet, or he is gone: take the first player, on wide screens in his chat with the bot. */
function settlePlace() {
  const known = players().some((user) => user.id === state.user);
  const first = players()[0];
  if (!known && first) Object.assign(state, { user: first.id, chat: null });
  if (state.chat === null && isWide() && state.user !== null) goTo(state.user, state.user, { push: false });
  else if (!known && first) refresh();
}

function titleOf() {
  const unread = (state.data.chats ?? []).reduce((sum, chat) => sum + chat.unread, 0);
  const title = openChat()?.title;
  return `${unread ? `(${unread}) ` : ""}${title ? `${title} · ` : ""}Potluck playground`;
}

function hear(event) {
  inspector.hear(event);
  if (event.kind === "alert" && event.user === state.user) showAnswer(event);
}

addEventListener("popstate", () => {
  const { user, chat } = placeFromAddress();
  goTo(user ?? state.user, chat, { push: false });
});

Object.assign(state, placeFromAddress());
onEvent(hear);
onChange(show);
refresh().then(follow);
