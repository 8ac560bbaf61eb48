/** The bar of topics in a forum: which one is shown, what is new in the others, opening and closing. */

import { closeTopic, openTopic } from "./api.js";
import { el, keyed } from "./dom.js";
import { icon } from "./icons.js";
import { complain, field, formDialog } from "./overlays.js";
import { isAdmin, openChat, refresh, showTopic, state, topicNow } from "./store.js";

const seen = new Map();

/** Build the bar; returns {node, show}. */
export function buildTopics() {
  const list = el("div", { class: "topiclist", role: "group", "aria-label": "Topics", testid: "topics" });
  const node = el("div", { class: "topicbar", hidden: true }, list);
  return { node, show: () => show(node, list) };
}

function show(node, list) {
  const chat = openChat();
  node.hidden = !chat?.forum;
  if (node.hidden || state.data.partial) return;
  const rows = [{ id: null, name: "General" }, ...chat.topics].map(rowOf);
  const may = isAdmin(chat, state.user) && topicNow();
  const tools = [{ id: "new" }, ...(may ? [{ id: "close", topic: may }] : [])];
  keyed(list, [...rows, ...tools], { key: (row) => row.id ?? "general", make });
}

function rowOf({ id, name, closed }) {
  const newest = state.data.messages.findLast((message) => message.thread === id)?.id ?? 0;
  const key = `${state.user}/${state.chat}/${id}`;
  const current = (topicNow()?.id ?? null) === id;
  if (current || !seen.has(key)) seen.set(key, newest);
  return { id, name, closed, current, fresh: newest > seen.get(key) };
}

function make(row) {
  if (row.id === "new") return tool("plus", "New topic", "topic-new", ask);
  if (row.id === "close") return closing(row.topic);
  const label = `${row.name}${row.closed ? ", closed" : ""}${row.fresh ? ", new messages" : ""}`;
  return el(
    "button",
    {
      type: "button",
      class: "topic",
      "aria-pressed": String(row.current),
      "aria-label": label,
      testid: `topic-${row.id ?? "general"}`,
      onclick: () => showTopic(row.id),
    },
    row.closed && icon("lock", 14),
    el("span", { class: "clip" }, row.name),
    row.fresh && el("span", { class: "freshmark" }),
  );
}

function closing({ id, closed }) {
  const facts = { chat: state.chat, topic: id, closed: !closed, by: state.user };
  return tool("lock", closed ? "Open the topic again" : "Close the topic", "topic-close", () => closeTopic(facts).then(refresh, complain));
}

function tool(name, label, testid, run) {
  return el("button", { type: "button", class: "topictool", "aria-label": label, title: label, testid, onclick: run }, icon(name, 17));
}

function ask() {
  formDialog({
    title: "New topic",
    testid: "topic-form",
    action: "Open",
    fields: [field("Name", el("input", { name: "name", required: true, maxlength: 128, autocomplete: "off", testid: "topic-name" }))],
    submit: async (form) => {
      const topic = await openTopic({ chat: state.chat, name: form.get("name"), by: state.user });
      await refresh();
      showTopic(topic.id);
    },
  });
}
