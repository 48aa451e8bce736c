/**
 * What a site may set on the one-line embed, checked: `data-color` and `data-text-color` (such as #0f5c6e),
 * `data-greeting` and `data-position` (left or right). What does not do is left out, and the console says why.
 */
const CARDS = { light: "#ffffff", dark: "#1a2529" }; // what buttons stand on; see style.js
const STANDS_OUT = 3; // WCAG 2.2, 1.4.11
const READABLE = 4.5; // WCAG 2.2, 1.4.3
const LONGEST_GREETING = 300;

/** {greeting, position, colors: {light, dark}}; a look without colours of the site's own has none here. */
export function checked({ color, textColor, greeting, position }, complain = (why) => console.warn(why)) {
  const refuse = (name, why) => complain(`Bedside chat: data-${name} is not used: ${why}`);
  return { greeting: words(greeting, refuse), position: side(position, refuse), colors: own(color, textColor, refuse) };
}

function words(greeting, refuse) {
  const said = greeting?.trim() ?? "";
  if (said.length <= LONGEST_GREETING) return said;
  refuse("greeting", `it is longer than ${LONGEST_GREETING} characters.`);
  return "";
}

function side(position, refuse) {
  if (position && !["left", "right"].includes(position)) refuse("position", "it must be left or right.");
  return position === "left" ? "left" : "right";
}

function own(color, textColor, refuse) {
  if (!color) return {};
  const [fill, ink] = [hex(color), textColor ? hex(textColor) : ""];
  if (!fill) return refuse("color", "write it as #0f5c6e."), {};
  if (ink === null) refuse("text-color", "write it as #ffffff.");
  if (ink && contrast(fill, ink) < READABLE) {
    return refuse("color", `letters of data-text-color cannot be read on it (less than ${READABLE} to 1).`), {};
  }
  const colors = {};
  for (const [look, card] of Object.entries(CARDS)) {
    if (contrast(fill, card) >= STANDS_OUT) colors[look] = { fill, ink: ink || readableOn(fill) };
    else refuse("color", `in the ${look} look it does not stand out from ${card} (less than ${STANDS_OUT} to 1).`);
  }
  return colors;
}

/** `#rrggbb`; null for anything else. */
function hex(color) {
  const given = color.trim().toLowerCase();
  if (/^#[0-9a-f]{3}$/.test(given)) return given.replace(/[0-9a-f]/g, "$&$&");
  return /^#[0-9a-f]{6}$/.test(given) ? given : null;
}

const readableOn = (fill) => (contrast(fill, "#ffffff") >= READABLE ? "#ffffff" : "#000000");

/** WCAG 2.2's contrast ratio, 1 to 21. */
function contrast(one, other) {
  const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Relative luminance, 0 to 1 (WCAG 2.2). */
function luminance(color) {
  const [red, green, blue] = color.slice(1).match(/../g).map((pair) => {
    const share = parseInt(pair, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
