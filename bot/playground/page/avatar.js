/** Round pictures with initials, in a colour that stays with the id. */

import { el } from "./dom.js";
import { initials, toneOf } from "./format.js";
import { icon } from "./icons.js";

/** Draw the avatar of somebody or of a chat. */
export function avatar(id, name, size = "", isBot = false) {
  const classes = `avatar tone-${isBot ? "bot" : toneOf(id)} ${size}`;
  return el("span", { class: classes, "aria-hidden": "true" }, isBot ? icon("bot", 22) : initials(name));
}
