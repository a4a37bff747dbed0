// What an alert would have done, while its form is filled in: <form data-preview="/address" data-into="id"> sends its
// values a moment after the last key, and the box with that id is refilled with the answer. <div data-load="/address">
// is filled once, after the page.

const REST_MS = 350;
const LEFT_OUT = new Set(["csrfmiddlewaretoken", "description", "template", "destinations", "is_shared"]);

async function fill(box, address, signal) {
  const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", signal });
  if (!answer.ok || answer.redirected) return;
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  box.replaceChildren(...parsed.body.childNodes);
}

function valuesOf(form) {
  return new URLSearchParams([...new FormData(form)].filter(([name, value]) => !LEFT_OUT.has(name) && value !== ""));
}

function follow(form) {
  const box = document.getElementById(form.dataset.into);
  let timer = null;
  let running = null;
  let shown = String(valuesOf(form));

  function look() {
    const values = String(valuesOf(form));
    if (values === shown) return;
    shown = values;
    // An older question must not answer after a newer one.
    if (running) running.abort();
    running = new AbortController();
    box.setAttribute("aria-busy", "true");
    fill(box, `${form.dataset.preview}?${values}`, running.signal)
      .then(() => box.removeAttribute("aria-busy"))
      .catch(() => {});
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, REST_MS);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("form[data-preview]").forEach(follow);
  document.querySelectorAll("[data-load]").forEach((box) => fill(box, box.dataset.load).catch(() => {}));
});
