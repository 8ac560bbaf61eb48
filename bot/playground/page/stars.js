/** The panel of payments: the player's purse, subscriptions and payments, and the bot's list of transactions. */

import { changeSubscription, chargeBack, deliverLate, getStars, topUp } from "./api.js";
import { coalesced } from "./coalesce.js";
import { el, fill } from "./dom.js";
import { wide } from "./faults.js";
import { dayOf, starsOf, timeOf } from "./format.js";
import { complain, field, formDialog } from "./overlays.js";
import { me, nameOf, players, state } from "./store.js";

const TONES = { active: "good", canceled: "warn", failed: "bad" };
const WORDS = { cancel: "Cancel", resume: "Take the cancelling back", renew: "Renew now" };
const DULL = new Set(["alert", "call", "draft", "typing"]);

/** Build the panel; returns {show, hear}. */
export function buildStars(root) {
  const self = { root, user: null, shown: "" };
  self.load = coalesced(() => load(self), (error) => error.status !== 0 && complain(error));
  return { show: () => state.user !== self.user && self.load(), hear: ({ kind }) => !DULL.has(kind) && self.load() };
}

async function load(self) {
  const user = state.user;
  if (user === null) return;
  const facts = await getStars(user);
  if (user !== state.user) return void self.load();
  self.user = user;
  const shown = JSON.stringify([facts, me()]);
  if (shown === self.shown) return;
  self.shown = shown;
  const focused = self.root.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
  const top = self.root.firstChild?.scrollTop ?? 0;
  fill(self.root, el("div", { class: "panelscroll padded" }, purse(self, facts), subscriptions(self, facts), payments(self, facts), bot(self, facts)));
  self.root.firstChild.scrollTop = top;
  if (focused) self.root.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** Do something, and show what came of it. */
const act = (self, deed) => deed.then(self.load, complain);

function purse(self, { purse: stars }) {
  const user = me();
  const head = el("p", { class: "sum" }, el("span", { class: "grow" }, user ? `${nameOf(user)}'s purse` : "Purse"), el("strong", { testid: "purse" }, starsOf(stars)));
  return el("div", { class: "group" }, head, wide("plus", "Top up", "topup", () => askStars(self)));
}

function askStars(self) {
  const stars = el("input", { type: "number", name: "stars", min: 1, max: 1_000_000, value: 1_000, required: true, testid: "topup-stars" });
  const submit = async (values) => {
    await topUp(state.user, Number(values.get("stars")));
    self.load();
  };
  formDialog({ title: "Top up", testid: "topup-form", fields: field("Stars", stars), action: "Top up", submit });
}

function subscriptions(self, { subscriptions: all }) {
  return section("Subscriptions", all, "No subscriptions", (one) => [
    head(one.title, one.over && one.state !== "active" ? "over" : one.state, TONES[one.state], `subscription-state`),
    el("small", {}, `${starsOf(one.stars)} every 30 days · until ${dayOf(one.until)}, ${timeOf(one.until)}`),
    el("div", { class: "deeds" }, deedsOf(one).map((deed) => button(WORDS[deed], `subscription-${deed}`, () => act(self, changeSubscription(one.id, deed))))),
  ]);
}

function deedsOf(one) {
  if (one.state === "active") return ["cancel", "renew"];
  if (one.state === "failed") return ["renew"];
  return one.over || one.barred ? [] : ["resume"];
}

function payments(self, { charges }) {
  return section("Payments", charges, "Nothing was paid", (one) => [
    head(one.title, starsOf(one.stars), "", "charge-stars"),
    el("small", { class: "clip", title: one.id }, `${dayOf(one.at)}, ${timeOf(one.at)} · ${one.id}`),
    one.returned
      ? el("small", {}, "The Stars have gone back")
      : el("div", { class: "deeds" }, button("Charge back", "charge-back", () => act(self, chargeBack(one.id)))),
  ]);
}

function bot(self, { balance, transactions }) {
  const name = (id) => players().find((user) => user.id === id)?.first_name ?? id;
  const sum = el("p", { class: "sum" }, el("span", { class: "grow" }, "The bot's balance"), el("strong", { testid: "balance" }, starsOf(balance)));
  const list = section("The bot's transactions, newest first", transactions, "None yet", (one) => [
    head(name(one.user), `${one.stars > 0 ? "+" : "−"}${Math.abs(one.stars)}`, one.stars > 0 ? "good" : "bad", "transaction-stars"),
    el("small", { class: "clip", title: one.id }, `${dayOf(one.at)}, ${timeOf(one.at)} · ${one.id}`),
  ]);
  return [el("div", { class: "group" }, sum, wide("zap", "Deliver late updates now", "deliver", () => act(self, deliverLate()))), list];
}

function section(title, rows, none, make) {
  const list = rows.length ? el("ul", { class: "starlist" }, rows.map((row) => el("li", {}, make(row)))) : el("p", { class: "hint small" }, none);
  return el("div", { class: "group" }, el("h3", {}, title), list);
}

const head = (title, note, tone, testid) =>
  el("span", { class: "sum" }, el("strong", { class: "clip grow" }, title), el("span", { class: `pill ${tone}`, testid }, note));

const button = (label, testid, run) => el("button", { type: "button", class: "plainbutton", testid, onclick: run }, label);
