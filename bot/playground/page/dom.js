/** Build and update DOM nodes. Texts only ever become text nodes, never markup. */

/** Make an element; `on…` props are listeners, `testid` is data-testid, null children are left out. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) setProp(node, name, value);
  node.append(...present(children));
  return node;
}

function setProp(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") node.addEventListener(name.slice(2), value);
  else if (name === "testid") node.dataset.testid = value;
  else node.setAttribute(name, value === true ? "" : String(value));
}

function present(children) {
  return children.flat(2).filter((child) => child !== null && child !== undefined && child !== false);
}

/** Replace what a node holds. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

const kept = new WeakMap();

/**
 * Show `items` in `parent`, touching only what changed: same key and same signature keep their node.
 * Returns the keys that were not there before.
 */
export function keyed(parent, items, { key, make, signature = JSON.stringify }) {
  const before = kept.get(parent) ?? new Map();
  const after = new Map();
  const added = [];
  for (const item of items) {
    const id = String(key(item));
    const mark = signature(item);
    const old = before.get(id);
    if (!old) added.push(id);
    after.set(id, old?.mark === mark ? old : { mark, node: swap(old?.node, make(item)) });
  }
  for (const [id, { node }] of before) if (!after.has(id)) node.remove();
  place(parent, [...after.values()].map(({ node }) => node));
  kept.set(parent, after);
  return added;
}

/** The node that `keyed` shows for a key, or null. */
export function nodeOf(parent, id) {
  return kept.get(parent)?.get(String(id))?.node ?? null;
}

function swap(old, node) {
  if (!old) return node;
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset?.testid : null;
  old.replaceWith(node);
  if (focused) node.querySelector(`[data-testid="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  return node;
}

function place(parent, nodes) {
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}

/** Say something to screen readers only. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
