/** The stream of events from the server, with reconnecting. */

import { eventsUrl } from "./api.js";
import { changed, refresh, state } from "./store.js";

const FIRST_DELAY_MS = 400;
const LONGEST_DELAY_MS = 4_000;

let source = null;
let delayMs = FIRST_DELAY_MS;
let timer = null;
let hear = () => {};

/** Give every event, as an object, to `listener`. */
export function onEvent(listener) {
  hear = listener;
}

/** Start listening; the events of all users come, so that everybody's badges stay right. */
export function follow() {
  close();
  source = new EventSource(eventsUrl(state.data?.version));
  source.onopen = opened;
  source.onmessage = received;
  source.onerror = lost;
}

function close() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

function opened() {
  delayMs = FIRST_DELAY_MS;
  setLink("live");
  refresh();
  hear({ kind: "opened" });
}

function received(event) {
  const told = JSON.parse(event.data);
  if (told.kind !== "call" && told.kind !== "alert") refresh();
  hear(told);
}

function lost() {
  close();
  setLink("reconnecting");
  timer = setTimeout(follow, delayMs);
  delayMs = Math.min(delayMs * 2, LONGEST_DELAY_MS);
}

function setLink(link) {
  if (state.link === link) return;
  state.link = link;
  changed();
}
