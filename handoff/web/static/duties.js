// Of all desk (or board) tabs of a browser, one does what must be done once: sound, notifications, heartbeats.

let mine = !navigator.locks;

/** Whether this tab is the one. */
export const hasDuties = () => mine;

/** Take the duties of this name as soon as no other tab has them, and keep them until this tab goes. */
export function takeDuties(name = "bedside-desk-duties") {
  navigator.locks?.request(name, () => {
    mine = true;
    return new Promise(() => {});
  });
}
