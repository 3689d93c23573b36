// Shell behaviour that only a browser can do: search key, moves in tables, the password's eye.
const root = document.documentElement;

// Without a choice of the reader the server does not know which theme is on; here the switch learns the opposite.
const theme = document.getElementById('theme');
if (theme && root.dataset.theme === 'system') {
  const address = new URL(theme.href);
  address.searchParams.set('theme', root.dataset.bsTheme === 'dark' ? 'light' : 'dark');
  theme.href = address.pathname + address.search;
}

addEventListener('keydown', event => {
  const search = document.getElementById('q');
  if (search && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    search.focus();
  }
  if (event.key === 'Escape') event.target.closest?.('details[open]')?.removeAttribute('open');

  const row = event.target.closest?.('tr[data-row]');
  if (!row || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
  const rows = [...row.closest('table').querySelectorAll('tr[data-row]')].filter(each => each.querySelector('a'));
  const next = rows[rows.indexOf(row) + (event.key === 'ArrowDown' ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.querySelector('a').focus();
  }
});

const reveal = document.getElementById('reveal'), password = document.getElementById('password');
if (reveal && password) {
  reveal.hidden = false;
  reveal.addEventListener('click', () => {
    const shown = password.type === 'password';
    password.type = shown ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', String(shown));
  });
}
document.querySelector('.s-form .err') && document.getElementById('user')?.focus();
