// Puts new HTML from the service into the page, changing only what differs: focus, scrolling and what a screen
// reader has already read stay as they are. Children are told apart by their ids.

const served = new WeakMap();

/** Make `target` hold `html`. */
export function swap(target, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  remember(target);
  merge(target, fresh.content);
}

/** Note what the service sent, before scripts change anything in it (times are counted up, for one). */
export function remember(root) {
  for (const element of root.querySelectorAll("[id]")) {
    if (!served.has(element)) served.set(element, element.outerHTML);
  }
}

function merge(target, fresh) {
  const wanted = [...fresh.children];
  const now = new Map([...target.children].map((child) => [child.id, child]));
  const kept = wanted.map((child) => reconcile(now.get(child.id), child));
  for (const child of [...target.children]) {
    if (!kept.includes(child)) child.remove();
  }
  kept.forEach((child, place) => {
    if (target.children[place] !== child) target.insertBefore(child, target.children[place] ?? null);
  });
}

function reconcile(old, fresh) {
  const html = fresh.outerHTML;
  if (old && served.get(old) === html) return old;
  if (!old || old.tagName !== fresh.tagName) return note(fresh, html);
  if ("parts" in fresh.dataset && "parts" in old.dataset) {
    for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    merge(old, fresh);
    served.set(old, html);
    return old;
  }
  if (old.tagName === "DETAILS" && old.dataset.touched) fresh.open = old.open;
  const path = focusedIn(old);
  note(fresh, html);
  old.replaceWith(fresh);
  if (path) fresh.querySelector(path)?.focus({ preventScroll: true });
  return fresh;
}

function note(element, html) {
  served.set(element, html);
  remember(element);
  return element;
}

/** How to find the focused link or button again in a new version of this part. */
function focusedIn(element) {
  const focused = document.activeElement;
  if (!focused || !element.contains(focused)) return "";
  const href = focused.getAttribute("href");
  return href ? `a[href="${CSS.escape(href)}"]` : focused.tagName.toLowerCase();
}

document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.tagName === "DETAILS") event.target.dataset.touched = "yes";
  },
  true,
);
