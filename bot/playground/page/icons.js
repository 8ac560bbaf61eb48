/** Line icons of the page, drawn on a 24 by 24 grid. */

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  back: "M15 5l-7 7 7 7",
  send: "M5 12l-1.5-7.5L21 12 3.5 19.5zM5 12h7",
  attach: "M19.5 11.5l-7.6 7.6a5 5 0 0 1-7-7l8-8a3.4 3.4 0 0 1 4.8 4.8l-7.9 7.9a1.7 1.7 0 0 1-2.4-2.4l7-7",
  slash: "M14.5 7l-5 10M4 8.5A4.5 4.5 0 0 1 8.5 4h7A4.5 4.5 0 0 1 20 8.5v7a4.5 4.5 0 0 1-4.5 4.5h-7A4.5 4.5 0 0 1 4 15.5z",
  reply: "M10 7L4.5 12.5 10 18M5 12.5h8a6 6 0 0 1 6 6",
  edit: "M5 19l1-4L16.5 4.5l3 3L9 18z",
  close: "M6 6l12 12M18 6L6 18",
  down: "M5 9l7 7 7-7",
  right: "M9 5l7 7-7 7",
  pin: "M9 4h6l-.7 6 3.2 3.5h-11L9.7 10zM12 13.5V20",
  file: "M7 3.5h7l4.5 4.5v12.5H7a1.5 1.5 0 0 1-1.5-1.5V5A1.5 1.5 0 0 1 7 3.5zM13.5 3.5v5h5",
  photo: "M4 7.5A2.5 2.5 0 0 1 6.5 5h11A2.5 2.5 0 0 1 20 7.5v9a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 16.5zM4.5 16l4.5-4.5 4 4 2.5-2.5 4 3.5M15.5 9h.1",
  sticker: "M13 20H8.5A4.5 4.5 0 0 1 4 15.5v-7A4.5 4.5 0 0 1 8.5 4h7A4.5 4.5 0 0 1 20 8.5V13zM13 20v-3.5a3.5 3.5 0 0 1 3.5-3.5H20M8.5 9.5h.1M15 9.5h.1M8.5 13a4 4 0 0 0 3 2",
  voice: "M12 4a2.5 2.5 0 0 0-2.5 2.5v5a2.5 2.5 0 0 0 5 0v-5A2.5 2.5 0 0 0 12 4zM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3",
  dice: "M4.5 8A3.5 3.5 0 0 1 8 4.5h8A3.5 3.5 0 0 1 19.5 8v8a3.5 3.5 0 0 1-3.5 3.5H8A3.5 3.5 0 0 1 4.5 16zM9 9h.1M15 9h.1M12 12h.1M9 15h.1M15 15h.1",
  poll: "M6 20v-8M12 20V5M18 20v-5",
  plus: "M12 5v14M5 12h14",
  group: "M9 11a3.3 3.3 0 1 0 0-6.6A3.3 3.3 0 0 0 9 11zM3 19.5a6 6 0 0 1 12 0M16 5a3 3 0 0 1 0 5.8M17.5 14.2a5.5 5.5 0 0 1 3.5 5.3",
  two: "M4 5h16v14H4zM12 5v14",
  pulse: "M3 12h4l2.5-7 5 14 2.5-7h4",
  restart: "M19 8a8 8 0 1 0 1 6M19.5 3.5V8H15",
  stop: "M7 7h10v10H7z",
  play: "M8 5.5v13l10.5-6.5z",
  zap: "M13 3L5 13.5h6L10.5 21 19 10h-6z",
  search: "M11 17.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM16 16l4 4",
  trash: "M5 7h14M10 4h4M7 7l1 13h8l1-13",
  out: "M8 16L17 7M9 7h8v8",
  check: "M5 12.5l4.5 4.5L19 7.5",
  forward: "M14 7l5.5 5.5L14 18M19 12.5h-8a6 6 0 0 0-6 6",
  block: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM6.5 6.5l11 11",
  copy: "M9 9h9.5v10.5H9zM6 15H5V4.5h9.5V6",
  shield: "M12 3.5l7 2.5v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6z",
  clock: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.2l2.8 1.8",
  mask: "M4 12h16M8 12l1.2-6.5h5.6L16 12M7.8 19a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM16.2 19a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM10 16.6h4",
  topics: "M5 6h14M5 12h9M5 18h11",
  lock: "M7 11h10v8.5H7zM9 11V8a3 3 0 0 1 6 0v3",
  more: "M6 12h.1M12 12h.1M18 12h.1",
  bot: "M6.5 9h11A2.5 2.5 0 0 1 20 11.5v5a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 16.5v-5A2.5 2.5 0 0 1 6.5 9zM12 9V5M9 13.5v1M15 13.5v1M12 4.5h.1",
};

/** Draw an icon; it is decoration, its button carries the label. */
export function icon(name, size = 20) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 24 24", width: size, height: size, class: "icon", "aria-hidden": "true" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Draw the pot of the brand. */
export function logo(size = 30) {
  const image = document.createElement("img");
  Object.assign(image, { src: "favicon.svg", width: size, height: size, alt: "" });
  return image;
}
