/** The language model: the bot's own or the test model, and the ways to break the test model. */

import { changeModel, getModel } from "./api.js";
import { coalesced } from "./coalesce.js";
import { el, fill } from "./dom.js";
import { complain, field, toast } from "./overlays.js";

/** Build the controls; returns {node, load}. */
export function buildModel() {
  const node = el("div", { class: "group", testid: "model" });
  const self = { node, shown: "" };
  const load = coalesced(async () => show(self, await getModel()), (error) => error.status !== 0 && complain(error));
  return { node, load };
}

function show(self, model) {
  const shown = JSON.stringify(model);
  if (shown === self.shown) return;
  self.shown = shown;
  const focused = self.node.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  fill(self.node, el("h3", {}, "Language model"), who(self, model), mode(self, model), usage(self, model), note(model));
  if (focused) self.node.querySelector(`[data-testid="${focused}"]`)?.focus();
}

function who(self, { is_test: isTest }) {
  if (isTest === null) return null;
  const names = { own: "As the bot is set (else built-in)", test: "Test model" };
  const select = choice("model-who", Object.entries(names), isTest ? "test" : "own");
  select.addEventListener("change", async () => {
    select.disabled = true;
    const test = select.value === "test";
    await change(self, { is_test: test }, test ? "The bot asks the test model" : "The bot asks its own model");
  });
  return field("Who answers (the bot restarts)", select);
}

function mode(self, { mode: current, modes }) {
  const select = choice("model-mode", modes.map((name) => [name, name]), current);
  select.addEventListener("change", () => change(self, { mode: select.value }, `Test model: ${select.value}`));
  return field("How the test model behaves", select);
}

function usage(self, { with_usage: withUsage }) {
  const box = el("input", { type: "checkbox", testid: "model-usage", checked: withUsage });
  box.addEventListener("change", () => change(self, { with_usage: box.checked }, box.checked ? "Usage is told" : "Usage is not told"));
  return el("label", { class: "tick" }, box, "It tells what an answer took");
}

function note({ asked }) {
  return el("p", { class: "hint small", testid: "model-asked" }, `Asked ${asked} ${asked === 1 ? "time" : "times"}`);
}

const choice = (testid, options, value) =>
  el("select", { testid }, options.map(([name, label]) => el("option", { value: name, selected: name === value }, label)));

async function change(self, facts, done) {
  try {
    const model = await changeModel(facts);
    toast(done);
    show(self, model);
  } catch (error) {
    complain(error);
    self.shown = "";
    await getModel().then((model) => show(self, model), complain);
  }
}
