// A line may swallow a call without a word: whoever waits for an answer must be able to try again.

const ANSWER_WITHIN = 15_000;

/** `fetch` that fails like a broken line when nothing has come back in time; how long the body takes is left open. */
export async function ask(address, options = {}) {
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), ANSWER_WITHIN);
  try {
    return await fetch(address, { ...options, signal: giveUp.signal });
  } finally {
    clearTimeout(timer);
  }
}
