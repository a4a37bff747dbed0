// What the pages at the door need: the theme's switch, the way to what was refused, and words for a passkey that failed.

const themeSwitch = document.querySelector(".d-themes");

function markTheme() {
  themeSwitch.querySelectorAll("button").forEach((button) => {
    button.setAttribute("aria-pressed", String(button.dataset.theme === chosenTheme()));
  });
}

themeSwitch.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  localStorage.setItem(THEME_KEY, JSON.stringify(button.dataset.theme));
  applyTheme();
  markTheme();
});
themeSwitch.hidden = false;
markTheme();

document.querySelectorAll("[data-copy]").forEach((button) => {
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    field.select();
    const copied = navigator.clipboard
      ? await navigator.clipboard.writeText(field.value).then(() => true, () => false)
      : document.execCommand("copy");
    button.textContent = copied ? "Copied" : "Press Ctrl+C";
  });
});

// The summary names every refused field and links to it; reading starts there.
document.querySelector("[data-errors]")?.focus();

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.querySelector("[data-passkey-error]");
  if (!place) return;
  const left = event.detail.exception?.name === "NotAllowedError";
  place.textContent = left
    ? "Nothing was confirmed. Try again, or choose another way."
    : "This browser or address cannot use passkeys here. Choose another way.";
  place.hidden = false;
});
