// Keeps the figures live. The stream tells that scores moved; the page is read again and its cells (data-live) are swapped in place.
// Rows never move under the reader: a new order is taken over when nobody has touched the table for a minute.
const label = document.getElementById('live'), banner = document.getElementById('lost');
const pace = label?.dataset.unit ? 3000 : 2000, quiet = 60_000;
// How far this device's clock is ahead of the server's, as of the first byte of the page.
const skew = label ? performance.timeOrigin + performance.getEntriesByType('navigation')[0].responseStart - Date.parse(label.dataset.now) : 0;
let waiting = null, running = false, again = false, lag = null, touched = performance.now();

for (const kind of ['pointerover', 'pointerdown', 'focusin', 'wheel', 'touchmove', 'keydown'])
  addEventListener(kind, event => { if (event.target.closest?.('#board, #board-filter')) touched = performance.now(); }, { passive: true });

/** Reads the page again, soon; many events make one reading. */
function refresh() {
  if (document.hidden) { again = true; return; }
  waiting ??= setTimeout(async () => {
    waiting = null;
    if (running) { refresh(); return; }
    running = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' }, cache: 'no-store' });
      if (answer.redirected || answer.status === 401) { location.reload(); return; }
      if (answer.ok) swap(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    } catch {
      // The network is away: the stream notices it too and says so.
    } finally {
      running = false;
    }
  }, pace);
}

function swap(fresh) {
  for (const cell of document.querySelectorAll('[data-live]')) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(cell.dataset.live)}"]`);
    if (!next || next.innerHTML === cell.innerHTML) continue;
    // A cell in use keeps what it shows; the next reading finds it again.
    if (cell.contains(document.activeElement) && cell.dataset.live !== document.activeElement.dataset?.live) {
      const path = [...cell.querySelectorAll('a, button')].indexOf(document.activeElement);
      cell.innerHTML = next.innerHTML;
      cell.querySelectorAll('a, button')[path]?.focus({ preventScroll: true });
    } else {
      cell.innerHTML = next.innerHTML;
    }
    if (!cell.dataset.quiet) flash(cell);
  }

  const board = document.getElementById('board'), newBoard = fresh.getElementById('board');
  if (board && newBoard && board.dataset.rows !== newBoard.dataset.rows && performance.now() - touched > quiet) board.replaceWith(newBoard);

  const data = document.getElementById('page-data'), newData = fresh.getElementById('page-data');
  if (data && newData && data.textContent !== newData.textContent) {
    data.textContent = newData.textContent;
    dispatchEvent(new Event('sq:data'));
  }
}

function flash(cell) {
  cell.classList.remove('flash');
  requestAnimationFrame(() => cell.classList.add('flash'));
}

if (label) {
  let patience = null, wasLost = false;

  // A stream that ends by itself comes back within seconds and is no news; one that stays away is.
  const lose = () => {
    if (wasLost) return;
    wasLost = true;
    const stamp = document.querySelector('.stamp time')?.textContent, text = banner.querySelector('span');
    if (stamp) text.textContent = text.textContent.replace(banner.dataset.at, stamp);
    banner.dataset.at = stamp ?? banner.dataset.at;
    banner.hidden = false;
    label.classList.replace('on', 'off');
    label.textContent = label.dataset.lost;
  };

  const connect = () => {
    const source = new EventSource(label.dataset.stream);
    source.addEventListener('open', () => {
      clearTimeout(patience);
      patience = null;
      banner.hidden = true;
      label.classList.remove('off');
      label.classList.add('on');
      say();
      if (wasLost) refresh();
      wasLost = false;
    });
    source.addEventListener('score', event => {
      const score = JSON.parse(event.data);
      lag = Math.max(0, (Date.now() - skew - Date.parse(score.asOf)) / 1000);
      say();
      if (!label.dataset.unit || label.dataset.unit === score.code) refresh();
      dispatchEvent(new CustomEvent('sq:score', { detail: score }));
    });
    source.addEventListener('resync', refresh);
    source.addEventListener('error', () => {
      label.classList.add('off');
      patience ??= setTimeout(lose, 4000);
      // An answer that is no stream ends the browser's own tries.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, 3000);
    });
  };
  connect();
  addEventListener('visibilitychange', () => { if (!document.hidden && again) { again = false; refresh(); } });
}

function say() {
  label.replaceChildren(label.dataset.live, ...(lag === null ? [] : [' ', Object.assign(document.createElement('span'), { className: 'n', textContent: `${lag.toFixed(1)} ${label.dataset.seconds}` })]));
}

// Empty choices stay out of the address.
document.body.addEventListener('htmx:configRequest', event => {
  for (const [name, value] of [...event.detail.parameters.entries()]) if (value === '') event.detail.parameters.delete(name);
});
