// What ideas become while they are typed: <form data-draft="/address" data-into="id"> sends itself a moment after the
// last key in the box of ideas, and the box with that id is refilled with the answer. The fields in there belong to the
// form, so what was changed in them goes along and comes back. [data-add-idea] puts its words into the box of ideas, and
// [data-instead-of="a line"] in an answer puts its data-idea in that line's place.

const REST_MS = 400;
const LONGEST_SENT = 500000;

function follow(form) {
  const ideas = form.elements.ideas;
  const box = document.getElementById(form.dataset.into);
  let timer = null;
  let running = null;
  let shown = asked();

  // What is read depends on the words and on the columns that the chosen data have.
  function asked() {
    const chosen = [...form.querySelectorAll("[name=datasets]:checked")].map((box) => box.value);
    return JSON.stringify([ideas.value, chosen]);
  }

  function valuesOf() {
    const values = new FormData(form);
    // A file is read when the run is started.
    values.delete("script");
    return new URLSearchParams(values);
  }

  async function look() {
    if (asked() === shown || ideas.value.length > LONGEST_SENT) return;
    shown = asked();
    // An older question must not answer after a newer one.
    if (running) running.abort();
    running = new AbortController();
    box.setAttribute("aria-busy", "true");
    const answer = await fetch(form.dataset.draft, {
      method: "POST",
      credentials: "same-origin",
      cache: "no-store",
      body: valuesOf(),
      signal: running.signal,
    });
    if (answer.ok && !answer.redirected) {
      const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
      box.replaceChildren(...parsed.body.childNodes);
    }
    box.removeAttribute("aria-busy");
  }

  function lookSoon() {
    clearTimeout(timer);
    timer = setTimeout(() => look().catch(() => {}), REST_MS);
  }

  ideas.addEventListener("input", lookSoon);
  form.querySelectorAll("[name=datasets]").forEach((box) => box.addEventListener("change", lookSoon));
  form.querySelectorAll("[data-add-idea]").forEach((button) => {
    button.addEventListener("click", () => {
      const before = ideas.value.trimEnd();
      ideas.value = before ? `${before}\n${button.textContent}` : button.textContent;
      ideas.focus();
      lookSoon();
    });
  });
  box.addEventListener("click", (event) => {
    const button = event.target.closest("[data-instead-of]");
    if (!button) return;
    const lines = ideas.value.split("\n");
    const place = lines.findIndex((line) => line.trim() === button.dataset.insteadOf);
    if (place < 0) return;
    lines[place] = button.dataset.idea;
    ideas.value = lines.join("\n");
    ideas.focus();
    lookSoon();
  });
  // Where this script runs nobody needs the button that does the same.
  form.querySelectorAll("[data-noscript]").forEach((button) => { button.hidden = true; });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-draft]").forEach(follow);
});
