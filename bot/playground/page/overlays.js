/** What lies over the page: toasts, alerts, forms in dialogs, menus, pictures. */

import { el } from "./dom.js";
import { icon } from "./icons.js";

const TOAST_MS = 3_600;

/** Show a short message that goes by itself. */
export function toast(text, tone = "plain") {
  const node = el("div", { class: `toast ${tone}`, testid: "toast" }, text);
  document.getElementById("toasts").append(node);
  setTimeout(() => node.classList.add("leaving"), TOAST_MS);
  setTimeout(() => node.remove(), TOAST_MS + 250);
}

/** Show an error of the server as a toast. */
export const complain = (error) => toast(error.message, "bad");

function openDialog(dialog) {
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.showModal();
  return dialog;
}

/** Show a text that wants to be confirmed. */
export function alertDialog(title, text) {
  const ok = el("button", { class: "plainbutton", type: "button", testid: "alert-ok" }, "OK");
  const dialog = el(
    "dialog",
    { class: "dialog alert", testid: "alert", "aria-label": title },
    el("h2", {}, title),
    el("p", {}, text),
    el("div", { class: "dialogfoot" }, ok),
  );
  ok.addEventListener("click", () => dialog.close());
  openDialog(dialog);
}

/** Ask for something in a form; `submit(values)` may throw, its message is then shown. */
export function formDialog({ title, testid, fields, action, submit }) {
  const problem = el("p", { class: "problem", role: "alert" });
  const form = el("form", { class: "form", method: "dialog" }, fields, problem, dialogFoot(action));
  const dialog = el("dialog", { class: "dialog", testid, "aria-label": title }, el("h2", {}, title), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await submit(new FormData(form));
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
    }
  });
  form.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  openDialog(dialog);
}

function dialogFoot(action) {
  return el(
    "div",
    { class: "dialogfoot" },
    el("button", { class: "plainbutton", type: "button", "data-close": true }, "Cancel"),
    el("button", { class: "mainbutton", type: "submit", testid: "form-submit" }, action),
  );
}

/** A labelled field of a form. */
export function field(label, control, hint = null) {
  return el("label", { class: "field" }, el("span", {}, label), control, hint && el("small", {}, hint));
}

/** Show a picture large. */
export function pictureDialog(url) {
  const image = el("img", { src: url, alt: "Photo, enlarged" });
  const dialog = el("dialog", { class: "picture", "aria-label": "Photo" }, image);
  image.addEventListener("click", () => dialog.close());
  openDialog(dialog);
}

let openMenu = null;

/** Open a menu above or below `anchor`; items: {label, sub, lead, testid, run, checked}. */
export function menu(anchor, label, items) {
  const again = openMenu?.anchor === anchor;
  closeMenu();
  if (again) return;
  const node = el("div", { class: "menu", role: "menu", "aria-label": label }, items.map(menuItem));
  node.addEventListener("keydown", menuKeys);
  document.body.append(node);
  placeMenu(node, anchor.getBoundingClientRect());
  anchor.setAttribute("aria-expanded", "true");
  openMenu = { node, anchor };
  setTimeout(() => document.addEventListener("pointerdown", closeFromOutside), 0);
  (node.querySelector("[aria-checked=true]") ?? node.firstChild).focus({ preventScroll: true });
}

function menuItem({ label, sub, lead, testid, run, checked }) {
  const start = () => {
    closeMenu();
    run();
  };
  return el(
    "button",
    {
      type: "button",
      class: "menuitem",
      role: checked === undefined ? "menuitem" : "menuitemradio",
      "aria-checked": checked === undefined ? null : String(checked),
      testid,
      onclick: start,
    },
    lead,
    el("span", { class: "grow" }, label, sub && el("small", {}, sub)),
    checked && icon("check", 18),
  );
}

function placeMenu(node, spot) {
  const { width, height } = node.getBoundingClientRect();
  const left = Math.max(8, Math.min(spot.left, innerWidth - width - 8));
  const above = spot.top - height - 8;
  node.style.left = `${left}px`;
  node.style.top = `${above > 8 ? above : Math.min(spot.bottom + 8, innerHeight - height - 8)}px`;
}

function menuKeys(event) {
  const items = [...event.currentTarget.children];
  const here = items.indexOf(document.activeElement);
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) items[(here + step + items.length) % items.length].focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu({ back: true });
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function closeFromOutside(event) {
  if (openMenu && !openMenu.node.contains(event.target) && !openMenu.anchor.contains(event.target)) closeMenu();
}

/** Close the menu that is open, if any. */
export function closeMenu({ back = false } = {}) {
  if (!openMenu) return;
  document.removeEventListener("pointerdown", closeFromOutside);
  openMenu.anchor.removeAttribute("aria-expanded");
  openMenu.node.remove();
  if (back) openMenu.anchor.focus();
  openMenu = null;
}
