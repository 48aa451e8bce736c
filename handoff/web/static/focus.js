// Whoever works by keyboard stays where they are: when what had the focus goes away or is hidden, because news came or
// an act is done, the focus goes to what is nearest; when it was only out of use for a moment, it comes back.

const CAN = "a[href], button, input, select, textarea, summary, [tabindex]";

let last; // what had the focus
let around = []; // what it stood in, from the inside out; a part that is sent anew has the same id

document.addEventListener("focusin", ({ target }) => {
  last = target;
  around = [];
  for (let one = target.parentElement; one; one = one.parentElement) around.push(one.id || one);
});

document.addEventListener("focusout", ({ target }) =>
  queueMicrotask(() => {
    // By hand, for instance with a click beside it; what is being taken out is still there until this script is done.
    if (target === last && document.hasFocus() && usable(target)) last = undefined;
  }),
);

const shown = (element) => element.isConnected && element.checkVisibility({ visibilityProperty: true });

const usable = (element) => shown(element) && !element.disabled;

const found = (one) => (typeof one === "string" ? document.getElementById(one) : one);

function find() {
  if (document.activeElement !== document.body || !last) return;
  if (usable(last)) return last.focus({ preventScroll: true });
  if (shown(last)) return; // an act is under way and gives it back
  for (const one of around.map(found).filter(Boolean)) {
    const near = [one, ...one.querySelectorAll(CAN)].find((candidate) => candidate.matches(CAN) && usable(candidate));
    if (near) return near.focus();
  }
}

let asked = 0;

/** From now on no change of the page loses the focus. */
export function keepFocus() {
  const look = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(() => setTimeout(find)); // the browser takes the focus away when it draws
  };
  const what = { subtree: true, childList: true, attributeFilter: ["hidden", "disabled", "open", "data-view"] };
  new MutationObserver(look).observe(document.body, what);
}
