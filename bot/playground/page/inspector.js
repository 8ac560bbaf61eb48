/** The right column, on small screens a sheet: tabs for calls, groups, payments, faults and the bot's process. */

import { buildCalls } from "./calls.js";
import { el, fill } from "./dom.js";
import { buildFaults } from "./faults.js";
import { buildGroups } from "./groups.js";
import { iconButton } from "./people.js";
import { buildProcess } from "./process.js";
import { buildStars } from "./stars.js";

const TABS = [
  { id: "calls", label: "Calls", build: buildCalls },
  { id: "groups", label: "Groups", build: buildGroups },
  { id: "stars", label: "Payments", build: buildStars },
  { id: "faults", label: "Faults", build: buildFaults },
  { id: "bot", label: "Bot", build: buildProcess },
];

/** Build the column; returns {show, hear, toggle}. */
export function buildInspector(root, shell, scrim) {
  const self = { root, shell, opener: null, panels: TABS.map(panelOf) };
  const tabs = el("div", { class: "tabs", role: "tablist", "aria-label": "Inspector" }, self.panels.map((panel) => panel.tab));
  const close = el("span", { class: "notwide" }, iconButton("close", "Close the inspector", "inspector-close", () => toggle(self, false)));
  fill(root, el("div", { class: "grip", "aria-hidden": "true" }), el("header", { class: "inspectorhead" }, tabs, close), self.panels.map((panel) => panel.node));
  for (const panel of self.panels) panel.tab.addEventListener("click", () => choose(self, panel));
  tabs.addEventListener("keydown", (event) => tabKeys(self, event));
  scrim.addEventListener("click", () => toggle(self, false));
  root.addEventListener("keydown", (event) => event.key === "Escape" && toggle(self, false));
  choose(self, self.panels[0]);
  return {
    show: () => self.panels.forEach((panel) => panel.show()),
    hear: (event) => self.panels.forEach((panel) => panel.hear(event)),
    toggle: () => toggle(self, !shell.classList.contains("inspecting")),
  };
}

function panelOf({ id, label, build }) {
  const badge = el("span", { class: "tabbadge" });
  const tab = el("button", { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}`, testid: `tab-${id}` }, label, badge);
  const node = el("section", { class: "panel", role: "tabpanel", id: `panel-${id}`, "aria-labelledby": `tab-${id}`, testid: `panel-${id}` });
  const mark = (text, tone = "") => {
    badge.textContent = text;
    badge.className = `tabbadge ${tone}`;
  };
  return { tab, node, ...build(node, mark) };
}

function choose(self, chosen, focus = false) {
  for (const { tab, node } of self.panels) {
    const here = node === chosen.node;
    tab.setAttribute("aria-selected", String(here));
    tab.tabIndex = here ? 0 : -1;
    node.hidden = !here;
  }
  if (focus) chosen.tab.focus();
}

function tabKeys(self, event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const here = self.panels.findIndex(({ tab }) => tab === document.activeElement);
  choose(self, self.panels[(here + step + self.panels.length) % self.panels.length], true);
}

function toggle(self, open) {
  if (self.shell.classList.contains("inspecting") === open) return;
  self.shell.classList.toggle("inspecting", open);
  if (open) {
    self.opener = document.activeElement;
    self.root.querySelector('[role="tab"][aria-selected="true"]').focus();
  } else if (self.opener?.isConnected) self.opener.focus();
}
