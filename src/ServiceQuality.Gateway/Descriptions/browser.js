const choice = document.getElementById('service');
const links = await (await fetch('/openapi/index.json')).json();
for (const { service } of links) {
  choice.add(new Option(service, service));
}

const wanted = () => links.find(link => link.service === location.hash.slice(1)) ?? links[0];

function show() {
  const { service, document: url } = wanted();
  choice.value = service;
  SwaggerUIBundle({ url, dom_id: '#browser', deepLinking: false, validatorUrl: null, withCredentials: true });
}

choice.addEventListener('change', () => { location.hash = choice.value; });
addEventListener('hashchange', show);
show();
