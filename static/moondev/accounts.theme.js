// Applies the chosen theme before the first paint, and keeps the choice where the portal looks for it.

const THEME_KEY = "adminTheme";
const THEMES = ["light", "dark", "auto"];
const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

function chosenTheme() {
  try {
    const stored = JSON.parse(localStorage.getItem(THEME_KEY));
    return THEMES.includes(stored) ? stored : "auto";
  } catch {
    return "auto";
  }
}

function applyTheme() {
  const theme = chosenTheme();
  const dark = theme === "dark" || (theme === "auto" && systemIsDark.matches);
  document.documentElement.classList.toggle("dark", dark);
}

systemIsDark.addEventListener("change", applyTheme);
applyTheme();
