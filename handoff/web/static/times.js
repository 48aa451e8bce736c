// Says times as a nurse counts them: "12 min", "Due now", "Due in 3 min", "Late by 2 min". The exact time stays as the title.

const MINUTE = 60_000;

export function keepTimes() {
  show();
  setInterval(show, 10_000);
}

export function show(root = document) {
  for (const time of root.querySelectorAll("time[data-since], time[data-due]")) {
    time.title ||= time.textContent;
    const minutes = (Date.now() - Date.parse(time.dateTime)) / MINUTE;
    const late = "due" in time.dataset && minutes > 0;
    time.classList.toggle("late", late);
    time.textContent = "since" in time.dataset ? `${time.title} (${span(minutes)})` : due(minutes);
  }
}

function due(minutes) {
  if (Math.abs(minutes) < 1) return "Due now";
  return minutes > 0 ? `Late by ${span(minutes)}` : `Due in ${span(-minutes)}`;
}

function span(minutes) {
  const whole = Math.max(0, Math.floor(minutes));
  if (whole < 1) return "under 1 min";
  if (whole < 120) return `${whole} min`;
  return whole < 48 * 60 ? `${Math.floor(whole / 60)} h` : `${Math.floor(whole / 1440)} days`;
}
