/** Times, names and sizes as people read them. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const precise = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat("en", { day: "numeric", month: "long" });
const shortDay = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" });
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const at = (seconds) => new Date(seconds * 1000);

/** Hours and minutes of a Unix time. */
export const timeOf = (seconds) => clock.format(at(seconds));

/** Hours, minutes and seconds of a Unix time. */
export const preciseTimeOf = (seconds) => precise.format(at(seconds));

/** The day of a Unix time, without the year. */
export const dayOf = (seconds) => weekday.format(at(seconds));

/** Everything about a Unix time, for tooltips. */
export const fullTimeOf = (seconds) => full.format(at(seconds));

/** A key that is the same for all times of one local day. */
export const dayKey = (seconds) => at(seconds).toDateString();

/** "Today", "Yesterday" or the date, as seen from `now`. */
export function dayName(seconds, now) {
  if (dayKey(seconds) === dayKey(now)) return "Today";
  if (dayKey(seconds) === dayKey(now - 86_400)) return "Yesterday";
  return dayOfYear.format(at(seconds));
}

/** The time if it is of today, else the day: for the list of chats. */
export function listTimeOf(seconds, now) {
  return dayKey(seconds) === dayKey(now) ? timeOf(seconds) : shortDay.format(at(seconds));
}

/** The first letters of up to two words of a name. */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.slice(0, 2).map((word) => [...word.match(/[\p{L}\p{N}].*/u)[0]][0]);
  return letters.join("").toUpperCase() || "?";
}

/** One of eight stable colours for an id. */
export function toneOf(id) {
  let hash = 7;
  for (const digit of String(id)) hash = (hash * 33 + digit.charCodeAt(0)) >>> 0;
  return hash % 8;
}

/** Bytes in the unit that reads best. */
export function sizeOf(bytes) {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Milliseconds, short. */
export function millisOf(ms) {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** How long some seconds are, in days and hours. */
export function lengthOf(seconds) {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3_600);
  const parts = [days && counted(days, "day"), hours && counted(hours, "hour")].filter(Boolean);
  return parts.join(" ") || counted(Math.round(seconds / 60), "minute");
}

/** "1 member", "3 members". */
export const counted = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;

/** A number of Stars. */
export const starsOf = (stars) => `⭐️ ${stars.toLocaleString("en")}`;
