/**
 * Our texts as DOM nodes. Nothing is ever read as HTML. The Markdown subset of answers: paragraphs, "- " lists,
 * "### " headings and **bold**. Web addresses become links, and so do the numbers to call.
 */
const LINK = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)])/;
const BOLD = /\*\*(.+?)\*\*/;

/** An answer: lines of one paragraph run on. `how` has the headings' tag and the numbers that become links. */
export const answer = (text, how) => blocks(text, how, " ");

/** A fixed text: its line ends are meant. */
export const notice = (text, how) => blocks(text, how, "\n");

/** What a person typed: shown as it is; only web addresses become links. */
export function typed(text) {
  const paragraph = make("p", "typed");
  paragraph.append(...linked(text, []));
  return [paragraph];
}

function blocks(text, { heading, numbers }, lineEnd) {
  const found = [];
  let kind = null;
  for (const line of text.split("\n").map((one) => one.trim())) {
    const [, mark = "", rest = ""] = line.match(/^(### |- )?(.*)$/) ?? [];
    if (!line) kind = null;
    else if (mark === "### ") {
      found.push({ tag: heading, text: rest });
      kind = null;
    } else if (mark === "- ") {
      if (kind !== "ul") found.push({ tag: "ul", items: [] });
      found.at(-1).items.push(rest);
      kind = "ul";
    } else if (kind === "p") found.at(-1).text += lineEnd + rest;
    else if (kind === "ul") found.at(-1).items.push(`${found.at(-1).items.pop()} ${rest}`);
    else {
      found.push({ tag: "p", text: rest });
      kind = "p";
    }
  }
  return found.map((block) => node(block, numbers));
}

function node({ tag, text, items }, numbers) {
  const made = make(tag);
  if (items) made.append(...items.map((item) => node({ tag: "li", text: item }, numbers)));
  else made.append(...bold(text, numbers));
  return made;
}

function bold(text, numbers) {
  return text.split(BOLD).flatMap((part, place) => {
    if (place % 2 === 0) return linked(part, numbers);
    const strong = make("strong");
    strong.append(...linked(part, numbers));
    return [strong];
  });
}

function linked(text, numbers) {
  return text.split(LINK).flatMap((part, place) => (place % 2 ? [outside(part, part)] : called(part, numbers)));
}

function called(text, numbers) {
  if (!numbers.length) return [text];
  const which = new RegExp(`((?<![\\d-])(?:${numbers.map(escaped).join("|")})(?![\\d-]))`);
  return text.split(which).map((part, place) => {
    if (place % 2 === 0) return part;
    const link = make("a");
    link.href = `tel:${part.split(",")[0].replace(/[^\d+]/g, "")}`; // of "988, then press 1" only what is dialled
    link.textContent = part;
    return link;
  });
}

/** A link that opens beside the chat and tells the other site nothing. */
export function outside(href, text) {
  const link = make("a");
  Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener noreferrer" });
  return link;
}

export function make(tag, className = "", ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
