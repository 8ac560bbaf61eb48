/** The bot's process: whether it runs, and the ways to restart or kill it. */

import { moveBot } from "./api.js";
import { avatar } from "./avatar.js";
import { el, fill } from "./dom.js";
import { wide } from "./faults.js";
import { buildModel } from "./model.js";
import { complain, toast } from "./overlays.js";
import { refresh, state } from "./store.js";

const DONE = { restart: "The bot was restarted", kill: "The bot was killed and started again", stop: "The bot was stopped", start: "The bot was started" };
const NOT_SUPERVISED = 501;

/** Build the panel; returns {show, hear}. */
export function buildProcess(root, mark) {
  const self = { root, mark, shown: "", unsupervised: false, busy: null, model: buildModel() };
  self.model.load();
  return { show: () => show(self), hear: ({ kind }) => kind === "bot" && self.model.load() };
}

function show(self) {
  const bot = state.data?.bot;
  const facts = bot && { bot, commands: state.data.commands ?? [], busy: self.busy, unsupervised: isUnsupervised(self, bot) };
  const shown = JSON.stringify(facts ?? null);
  if (shown === self.shown) return;
  self.shown = shown;
  self.mark(bot?.running === false ? "off" : "", "bad");
  const focused = self.root.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  fill(self.root, facts && el("div", { class: "panelscroll padded" }, card(facts), controls(self, facts), self.model.node, commandList(facts.commands)));
  if (focused) self.root.querySelector(`[data-testid="${focused}"]`)?.focus();
}

const isUnsupervised = (self, bot) => self.unsupervised || bot.running === null || bot.running === undefined;

function card({ bot, unsupervised }) {
  const name = unsupervised ? "not supervised" : bot.running ? "running" : "stopped";
  const tone = unsupervised ? "" : bot.running ? "good" : "bad";
  return el(
    "div",
    { class: "group card botcard" },
    avatar(bot.id, bot.first_name ?? "Bot", "large", true),
    el("div", { class: "chatlines" }, el("strong", { class: "clip" }, bot.first_name ?? "Bot"), el("span", { class: "muted clip" }, `@${bot.username ?? "bot"} · ${bot.id}`)),
    el("span", { class: `pill ${tone}`, testid: "bot-state" }, name),
  );
}

function controls(self, { bot, unsupervised, busy }) {
  if (unsupervised) {
    return el("p", { class: "note", testid: "bot-note" }, "The bot's process wasn't started by this playground, so it can't be restarted from here.");
  }
  const button = (icon, label, action) =>
    wide(icon, label, `bot-${action}`, () => move(self, action), { "aria-busy": busy === action ? "true" : null, disabled: busy !== null });
  const rows = bot.running
    ? [button("restart", "Restart (SIGTERM, drain, start again)", "restart"), button("zap", "Kill (SIGKILL) and start again", "kill"), button("stop", "Stop", "stop")]
    : [button("play", "Start", "start")];
  return el("div", { class: "group" }, el("h3", {}, "Process"), el("div", { class: "stackbuttons" }, rows));
}

async function move(self, action) {
  self.busy = action;
  show(self);
  try {
    await moveBot(action);
    toast(DONE[action]);
  } catch (error) {
    if (error.status === NOT_SUPERVISED) self.unsupervised = true;
    else complain(error);
  }
  self.busy = null;
  await refresh();
  show(self);
}

function commandList(commands) {
  const rows = commands.map(({ command, description }) => el("li", {}, el("code", {}, `/${command}`), el("span", { class: "muted" }, description)));
  const list = rows.length ? el("ul", { class: "commandlist" }, rows) : el("p", { class: "hint small" }, "No commands registered for this chat");
  return el("div", { class: "group" }, el("h3", {}, "Commands in this chat"), list);
}
