// Of all desk tabs of a browser, one does what must be done once: sound, notifications, heartbeats.

let mine = !navigator.locks;

/** Whether this tab is the one. */
export const hasDuties = () => mine;

/** Take the duties as soon as no other desk tab has them, and keep them until this tab goes. */
export function takeDuties() {
  navigator.locks?.request("bedside-desk-duties", () => {
    mine = true;
    return new Promise(() => {});
  });
}
