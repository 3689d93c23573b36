// Makes wwwroot/lib from the npm packages: only what the pages use, so that the first page stays under 300 kB (DESIGN §8).
import { cp, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { PurgeCSS } from 'purgecss';

const root = new URL('..', import.meta.url), from = path => new URL(`node_modules/${path}`, root), to = name => new URL(`wwwroot/lib/${name}`, root);
await mkdir(to(''), { recursive: true });

// Tabler, without the rules that no page needs.
const files = await readdir(root, { recursive: true });
const content = files.filter(name => !/node_modules|wwwroot.lib/.test(name) && /\.(razor|cs|js)$/.test(name)).map(name => new URL(name, root).pathname);
const [tabler] = await new PurgeCSS().purge({ content, css: [from('@tabler/core/dist/css/tabler.min.css').pathname], variables: true, keyframes: true, fontFace: true, safelist: { standard: ['html', 'body'], greedy: [/data-bs-theme/] } });
await writeFile(to('tabler.css'), tabler.css);

// Icons: one sprite of those that some page names.
const names = new Set();
for (const path of content) for (const [, name] of (await readFile(path, 'utf8')).matchAll(/<Icon Name="([a-z-]+)"/g)) names.add(name);
names.add('sun').add('moon');
const symbols = await Promise.all([...names].sort().map(async name => {
  const svg = await readFile(from(`@tabler/icons/icons/outline/${name}.svg`), 'utf8');
  return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${svg.replace(/<!--[^]*?-->/, '').replace(/<\/?svg[^]*?>/g, '').replace(/\s+/g, ' ').trim()}</symbol>`;
}));
await writeFile(to('icons.svg'), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);

// ECharts: the chart types that charts.js draws, as one module that is loaded after the first paint.
await build({ entryPoints: [new URL('echarts.js', import.meta.url).pathname], outfile: to('echarts.js').pathname, bundle: true, minify: true, format: 'esm', target: 'es2022', legalComments: 'linked', logLevel: 'error' });

await cp(from('htmx.org/dist/htmx.min.js'), to('htmx.js'));
await cp(from('@fontsource-variable/inter/files/inter-latin-opsz-normal.woff2'), to('inter.woff2'));
