// The library: topics filtered as one types, larger text that is remembered, and a button to print.

const byId = (id) => document.getElementById(id);
const LARGER = "bedside-larger";

// Without storage (private windows) the choice lasts as long as the page.
const kept = {
  get: () => { try { return localStorage.getItem(LARGER) === "yes"; } catch { return false; } },
  set: (yes) => { try { localStorage.setItem(LARGER, yes ? "yes" : "no"); } catch { /* not kept */ } },
};

function enlarge(yes) {
  document.documentElement.classList.toggle("larger", yes);
  byId("larger").setAttribute("aria-pressed", String(yes));
}

for (const id of ["larger", "print"]) byId(id).hidden = false;
enlarge(kept.get());
byId("larger").addEventListener("click", () => {
  const yes = !document.documentElement.classList.contains("larger");
  kept.set(yes);
  enlarge(yes);
});
byId("print").addEventListener("click", () => window.print());

byId("q")?.addEventListener("input", ({ target }) => {
  const words = target.value.trim().toLowerCase();
  const topics = [...document.querySelectorAll("[data-topic]")];
  for (const topic of topics) topic.hidden = !topic.textContent.toLowerCase().includes(words);
  const left = topics.filter((topic) => !topic.hidden).length;
  const { one, many, none } = byId("count").dataset;
  byId("count").textContent = left ? `${left} ${left === 1 ? one : many}` : none;
});
