// A page that shows work in progress looks again until it is done; without scripts there is a link.
setTimeout(() => location.replace(location.href), 2000);
