/** Two players side by side: the page in two frames, each with a player of its own. */

import { getState } from "./api.js";
import { el, fill } from "./dom.js";

const [left, right] = location.hash.slice(1).split("/").map((part) => (/^\d+$/.test(part) ? Number(part) : null));

/** Who plays: those whom the address names, else the first ones of the cast. */
async function pair() {
  const people = (await getState(null, null)).users.filter((user) => !user.is_bot);
  const named = [left, right].map((id) => people.find((user) => user.id === id));
  const rest = people.filter((user) => !named.includes(user));
  return named.map((user) => user ?? rest.shift()).filter(Boolean);
}

function side(user, place) {
  const props = { class: "side", src: `./#${user.id}/${user.id}`, title: `Play as ${user.first_name}`, testid: `side-${place}` };
  return el("iframe", props);
}

pair().then((users) => fill(document.getElementById("sides"), users.map(side)));
