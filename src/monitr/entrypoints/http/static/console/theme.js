// Before the first paint, so that nobody who chose the dark theme sees a flash of the light one.
{
  const chosen = localStorage.getItem("monitr.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
