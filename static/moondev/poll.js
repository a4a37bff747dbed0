// Live numbers: <div data-poll="/address" data-every="3"> is refilled with the fragment at that address every few
// seconds while the page is visible. An unchanged fragment answers 304 and costs the page nothing. Failures make it ask
// less often, at most every ten times as long. A fragment that holds [data-poll-over] is the last one. With
// data-soon="0.4" the page asks again so soon after a change: a burst is written a moment later than what comes alone.

function startPolling(box) {
  const everyMs = Number(box.dataset.every || 3) * 1000;
  const soonMs = Number(box.dataset.soon || box.dataset.every || 3) * 1000;
  let tag = null;
  let changed = false;
  let failures = 0;

  async function refill() {
    const answer = await fetch(box.dataset.poll, {
      credentials: "same-origin",
      cache: "no-store",
      headers: tag ? { "If-None-Match": tag } : {},
    });
    if (answer.redirected || answer.status === 403) {
      location.reload();
      return;
    }
    failures = answer.ok || answer.status === 304 ? 0 : failures + 1;
    changed = answer.status === 200;
    if (!changed) return;
    tag = answer.headers.get("ETag");
    replace(box, await answer.text());
  }

  async function tick() {
    // Somebody reading a table or a tooltip keeps what they see.
    const busy = box.contains(document.activeElement) || box.querySelector("details[open]");
    changed = false;
    if (document.visibilityState === "visible" && !busy) {
      await refill().catch(() => { failures += 1; });
    }
    if (!isOver(box)) setTimeout(tick, changed && !failures ? soonMs : everyMs * Math.min(1 + failures, 10));
  }

  if (!isOver(box)) setTimeout(tick, everyMs);
}

function isOver(box) {
  return box.querySelector("[data-poll-over]") !== null;
}

function replace(box, html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  box.replaceChildren(...parsed.body.childNodes);
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("[data-poll]").forEach(startPolling);
});
