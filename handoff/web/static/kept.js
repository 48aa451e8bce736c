// What this tab keeps through a reload: drafts and what was sent but not yet received. Gone with the tab.

const memory = new Map(); // for browsers that keep nothing

export function read(key) {
  try {
    return sessionStorage.getItem(key) ?? memory.get(key) ?? "";
  } catch {
    return memory.get(key) ?? "";
  }
}

export function write(key, value) {
  if (value) memory.set(key, value);
  else memory.delete(key);
  try {
    if (value) sessionStorage.setItem(key, value);
    else sessionStorage.removeItem(key);
  } catch {
    // the memory has it
  }
}

/** The rest of each key that begins so. */
export function keptUnder(prefix) {
  try {
    return Object.keys(sessionStorage).filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  } catch {
    return [];
  }
}

/** Nothing that was typed may be left for the next person at this machine. */
export function forgetAll() {
  memory.clear();
  try {
    sessionStorage.clear();
  } catch {
    // nothing was kept
  }
}
