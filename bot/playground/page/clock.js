/** The playground's time, and the buttons that move it forward: the bot follows at once. */

import { moveClock } from "./api.js";
import { announce, el, fill } from "./dom.js";
import { dayOf, fullTimeOf, lengthOf, timeOf } from "./format.js";
import { icon } from "./icons.js";
import { complain, field, formDialog } from "./overlays.js";
import { refresh, state } from "./store.js";

const TICK_MS = 1_000;
const STEPS = [
  { id: "hour", name: "+1 h", label: "One hour forward", lengths: { hours: 1 } },
  { id: "day", name: "+1 day", label: "One day forward", lengths: { days: 1 } },
  { id: "week", name: "+7 days", label: "Seven days forward", lengths: { days: 7 } },
];

/** Build the time, for the header, and the row of buttons under it; returns {time, node, show}. */
export function buildClock() {
  const time = el("time", { class: "clock", testid: "clock-now" });
  const node = el(
    "div",
    { class: "clockbar", role: "group", "aria-label": "Move the time forward" },
    icon("clock", 17),
    STEPS.map(({ id, name, label, lengths }) => step(id, name, label, () => forward(lengths))),
    step("more", icon("more", 17), "Another length", ask),
  );
  const show = () => tell(time);
  setInterval(show, TICK_MS);
  return { time, node, show };
}

function step(id, name, label, run) {
  return el("button", { type: "button", class: "step", "aria-label": label, title: label, testid: `clock-${id}`, onclick: run }, name);
}

const now = ({ now: then, at }) => then + (performance.now() - at) / 1_000;

function tell(node) {
  if (!state.clock) return;
  const seconds = now(state.clock);
  const [day, hour] = [dayOf(seconds), timeOf(seconds)];
  if (node.textContent !== day + hour) fill(node, el("span", {}, day), el("strong", {}, hour));
  const ahead = Math.round(state.clock.ahead);
  node.title = ahead ? `${fullTimeOf(seconds)}, moved forward by ${lengthOf(ahead)}` : fullTimeOf(seconds);
  node.classList.toggle("moved", ahead > 0);
}

async function forward(lengths) {
  try {
    const clock = await moveClock(lengths);
    announce(`It is ${dayOf(clock.now)}, ${timeOf(clock.now)} now`);
    await refresh();
  } catch (error) {
    complain(error);
  }
}

function ask() {
  const number = (name, most) => el("input", { type: "number", name, min: 0, max: most, value: 0, required: true, testid: `clock-${name}` });
  formDialog({
    title: "Move the time forward",
    testid: "clock-form",
    action: "Move",
    fields: [
      el("div", { class: "pair" }, field("Days", number("days", 400)), field("Hours", number("hours", 9_600)), field("Minutes", number("minutes", 9_600))),
      el("p", { class: "muted" }, "The bot follows at once. Time never goes back."),
    ],
    submit: async (form) => {
      await moveClock(Object.fromEntries([...form].map(([name, value]) => [name, Number(value)])));
      await refresh();
    },
  });
}
