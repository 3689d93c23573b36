// Before the first paint: the theme of the system where the reader has not chosen one, and the mark that scripts run.
(() => {
  const root = document.documentElement;
  root.classList.add('js');
  if (root.dataset.bsTheme) return;
  root.dataset.bsTheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  root.dataset.theme = 'system';
})();
