// The theme that a person chose, before anything is painted; the system's where they chose none.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser may keep nothing; then the system's theme it is.
}
