// Swagger UI has a dark side of its own, which it puts on by a class: by the person's switch, else by the system.
const dark = matchMedia("(prefers-color-scheme: dark)");

function dress() {
  const theme = document.documentElement.dataset.theme;
  document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : dark.matches);
}

dress();
dark.addEventListener("change", dress);
