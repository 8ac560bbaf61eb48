/** What can be sent besides text. */

import { send } from "./api.js";
import { icon } from "./icons.js";
import { complain, menu } from "./overlays.js";
import { here, refresh } from "./store.js";

const KINDS = [
  { kind: "photo", label: "Photo", captioned: true },
  { kind: "document", label: "File", captioned: true, icon: "file" },
  { kind: "sticker", label: "Sticker" },
  { kind: "voice", label: "Voice message" },
  { kind: "dice", label: "Dice" },
  { kind: "poll", label: "Poll" },
];

/** Open the menu; `takeText(whole)` gives what is written and replied to, `sent()` is called afterwards. */
export function openAttachMenu(anchor, takeText, sent) {
  const others = KINDS.map((one) => ({
    label: one.label,
    sub: one.captioned ? "with the text as caption" : null,
    lead: icon(one.icon ?? one.kind),
    testid: `attach-${one.kind}`,
    run: () => deliver(one, takeText(Boolean(one.captioned)), sent),
  }));
  const forwarded = {
    label: "Text as forwarded",
    lead: icon("forward"),
    testid: "attach-forward",
    run: () => forward(takeText(true), sent),
  };
  menu(anchor, "Send something else", [...others, forwarded]);
}

const give = (facts, sent) => send({ ...here(), ...facts }).then(() => (sent(), refresh()), complain);

const deliver = ({ kind }, { text, reply_to }, sent) => give({ kind, reply_to, caption: text }, sent);

const forward = ({ text }, sent) => give({ text: text ?? "A forwarded message", forward: true }, sent);
