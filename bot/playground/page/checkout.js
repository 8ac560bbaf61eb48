/** Paying in Stars: the sheet with the price and the purse, and the bot's word on it. */

import { getInvoice, getStars, pay } from "./api.js";
import { el } from "./dom.js";
import { starsOf } from "./format.js";
import { complain, formDialog, toast } from "./overlays.js";
import { refresh, state } from "./store.js";

const LINK = /^https?:\/\/t\.me\/\$[\w-]+$/i;

/** Pay the invoice of a message of the open chat. */
export function payMessage(message) {
  openSheet(message.invoice, { chat: state.chat, message: message.id }).catch(complain);
}

/** Pay the invoice of a link; false if it is none. */
export function payLink(link) {
  if (!LINK.test(link)) return false;
  getInvoice(link).then((invoice) => openSheet(invoice, { link })).catch(complain);
  return true;
}

async function openSheet(invoice, where) {
  const user = state.user;
  const { purse } = await getStars(user);
  const price = starsOf(invoice.total_amount);
  const period = invoice.subscription_period ? `${price} every ${invoice.subscription_period / 86_400} days` : price;
  formDialog({
    title: invoice.title,
    testid: "checkout",
    fields: [el("p", {}, invoice.description), line("Price", period, "checkout-price"), line("Your purse", starsOf(purse), "checkout-purse")],
    action: `Pay ${price}`,
    submit: () => {
      if (purse < invoice.total_amount) throw new Error(`Your purse holds only ${starsOf(purse)}. Top it up first.`);
      return settle({ user, ...where });
    },
  });
}

const line = (name, value, testid) => el("p", { class: "sum" }, el("span", { class: "grow muted" }, name), el("strong", { testid }, value));

/** Pay; the error is what the sheet says then: the bot's own words if it refuses. */
async function settle(facts) {
  const { answer, charge } = await pay(facts);
  if (!answer) throw new Error("The bot didn't answer within 10 seconds. Nothing was paid.");
  if (!answer.ok) throw new Error(answer.error_message);
  if (!charge) throw new Error("There are not enough Stars in your purse any more.");
  toast("Paid");
  refresh();
}
