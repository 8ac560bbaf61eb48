/** The control API of the playground's server, one function per route. */

/** The server refused, or couldn't be reached (status 0). */
export class PlayError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function request(method, path, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(path, options).catch(() => null);
  if (!response) throw new PlayError(0, "The playground's server can't be reached");
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw new PlayError(response.status, answer.error ?? answer.description ?? `Refused (${response.status})`);
}

const post = (path, body) => request("POST", path, body);

function query(values) {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return new URLSearchParams(given).toString();
}

export const getState = (user, chat) => request("GET", `/play/state?${query({ user, chat })}`);
export const eventsUrl = (after) => `/play/events?${query({ after })}`;
export const addUser = (facts) => post("/play/users", facts);
export const addGroup = (facts) => post("/play/groups", facts);
export const send = (facts) => post("/play/send", facts);
export const edit = (facts) => post("/play/edit", facts);
export const press = (facts) => post("/play/press", facts);
export const block = (user, blocked) => post("/play/block", { user, blocked });
export const setMember = (facts) => post("/play/member", facts);
export const migrate = (facts) => post("/play/migrate", facts);
export const rename = (facts) => post("/play/title", facts);
export const openTopic = (facts) => post("/play/topics", facts);
export const closeTopic = (facts) => post("/play/topics", facts);
export const setForum = (group) => post("/play/topics", { chat: group.id, forum: true });
export const moveClock = (lengths) => post("/play/clock", lengths);
export const duplicate = (newId) => post("/play/duplicate", { new_id: newId });
export const addFault = (facts) => post("/play/faults", facts);
export const clearFaults = () => request("DELETE", "/play/faults");
export const clearCalls = () => request("DELETE", "/play/calls");
export const getStars = (user) => request("GET", `/play/stars?${query({ user })}`);
export const getInvoice = (link) => request("GET", `/play/invoice?${query({ link })}`);
export const pay = (facts) => post("/play/pay", facts);
export const topUp = (user, stars) => post("/play/topup", { user, stars });
export const changeSubscription = (subscription, action) => post("/play/subscription", { subscription, action });
export const chargeBack = (charge) => post("/play/chargeback", { charge });
export const deliverLate = () => post("/play/deliver", {});
export const getModel = () => request("GET", "/play/model");
export const changeModel = (facts) => post("/play/model", facts);
export const moveBot = (action) => post("/play/bot", { action });

/** List of active faults. */
export async function getFaults() {
  const answer = await request("GET", "/play/faults");
  return answer.faults ?? answer;
}

/** Journal of Bot API calls after number `after`, oldest first. */
export async function getCalls(after, limit) {
  const answer = await request("GET", `/play/calls?${query({ after, limit })}`);
  return answer.calls ?? answer;
}
