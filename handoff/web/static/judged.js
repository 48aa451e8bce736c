// What triage says of a text, for the studio: how pressing, because of which words, and how sure.

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

/** A card of `triage` as GET /api/answers?q= gives it. */
export function judged(triage) {
  const card = element("section", "", "card judged");
  card.append(element("h3", `Triage: ${triage.acuity_text}`), element("p", triage.follows));
  if (triage.evidence.length) {
    const list = element("ul", "", "plain-list");
    list.append(...triage.evidence.map(reason));
    card.append(list);
  }
  for (const copy of triage.safety) {
    const shown = element("p", copy.text, "bubble");
    const link = element("a", `Safety copy ${copy.id}`);
    link.href = `/studio/safety/${copy.id}`;
    const about = element("p", "", "soft");
    about.append(link, `, version ${copy.version}`);
    card.append(shown, about);
  }
  if (triage.scores.length) card.append(scores(triage.scores));
  return card;
}

function reason(one) {
  const row = element("li");
  if (one.span) row.append(element("q", one.span), " ");
  row.append(`${one.why} `, element("span", `${one.sure}; ${one.code}`, "soft"));
  return row;
}

/** Every kind the trained layer asks about, also those below the line. */
function scores(all) {
  const details = element("details");
  const list = element("ul", "", "plain-list");
  const say = (one) => `${one.kind}: ${one.sure} (score ${one.score.toFixed(1)}, line ${one.line.toFixed(1)})`;
  list.append(...all.map((one) => element("li", say(one))));
  details.append(element("summary", "How close it is to each kind of danger"), list);
  return details;
}
