/** Server-sent events out of a response's body: {event, data}, the data read as JSON. `alive` is called at any sign. */
export async function* eventsIn(body, alive = () => {}) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      alive();
      const blocks = (text + value).split(/\r?\n\r?\n/);
      text = blocks.pop();
      yield* blocks.map(readEvent).filter(Boolean);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function readEvent(block) {
  const fields = block.split(/\r?\n/).map((line) => line.match(/^(event|data): ?(.*)$/)).filter(Boolean);
  const data = fields.filter(([, name]) => name === "data").map(([, , value]) => value);
  const event = fields.find(([, name]) => name === "event")?.[2] ?? "message";
  return data.length ? { event, data: JSON.parse(data.join("\n")) } : null;
}
